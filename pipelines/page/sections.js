// Parts of a view → the sections of the page that are neither map, timeline nor table.
import { count, day, el, foreign, moment, plural, refill } from "./dom.js";
import { conditions, copyButton, query, quote } from "./queries.js";
import { badge, drawn, nameOf, RUNGS, topicWords } from "./stances.js";

const STANDS = RUNGS.filter((rung) => rung !== "neutral");

/** Question and filters → the conditions its positions fulfil. */
export function ofQuestion(report, filters, question) {
  const { beneficiary, object } = question;
  return conditions(report, { ...filters, beneficiary, object, alliance: question.alliance ?? "-" })
    .concat("until IS NULL", report.only_countries);
}

/** Place and question → how many countries stand where, in large figures. */
export function showStanding(place, report, filters, question) {
  if (!question) {
    refill(place, el("h2", { id: "standing-title" }, "No positions under these filters"));
    return;
  }
  const title = `${nameOf(question.beneficiary, report.names)}: ${topicWords(question.alliance, question.object)}`;
  const tiles = STANDS.map((rung) => {
    const n = question.counts[rung];
    const sql = query(report, "standing", ofQuestion(report, filters, question).concat(`rung = ${quote(rung)}`));
    return el("li", { class: `tile ${rung}` }, el("span", { class: "number" }, count(n)), badge(rung), copyButton(`${plural(n, "country").replace("countrys", "countries")}: ${rung}`, n, sql));
  });
  refill(place, el("h2", { id: "standing-title" }, title), el("ul", { class: "tiles" }, tiles));
}

/** Place and questions → a line for each, with its share of stances; `choose` narrows the page to one. */
export function showQuestions(place, report, filters, questions, all, choose, showAll) {
  const shown = all ? questions : questions.slice(0, 7);
  const most = Math.max(1, ...questions.map((one) => one.total));
  const lines = shown.map((question, i) => {
    const { beneficiary, alliance, object, counts, total } = question;
    const words = `${nameOf(beneficiary, report.names)}, ${topicWords(alliance, object)}`;
    const parts = STANDS.filter((rung) => counts[rung]);
    const bar = el("span", { class: "share", "aria-hidden": "true" }, parts.map((rung) => {
      const part = el("span", { class: rung });
      part.style.flexGrow = counts[rung];
      return part;
    }));
    bar.style.width = `${Math.max(8, (100 * total) / most)}%`;
    return el(
      "li", { class: i === 0 ? "current" : null },
      el(
        "button", { type: "button", class: "question", dataset: { key: `q-${beneficiary}-${alliance}-${object}` }, onclick: () => choose(question) },
        el("span", { class: "topic" }, el("strong", {}, nameOf(beneficiary, report.names)), ` ${topicWords(alliance, object)}`), bar,
      ),
      el(
        "span", { class: "counts" },
        parts.map((rung) => el("span", { class: "part", title: rung }, drawn(rung), count(counts[rung]), el("span", { class: "unseen" }, ` ${rung}`))),
        copyButton(`countries with a position on ${words}`, total, query(report, "standing", ofQuestion(report, filters, question))),
      ),
    );
  });
  refill(
    place, lines.length ? el("ul", {}, lines) : el("p", { class: "none" }, "No positions under these filters."),
    questions.length > 7
      ? el("button", { type: "button", dataset: { key: "more" }, onclick: () => showAll(!all) }, all ? "Show fewer" : `Show all ${questions.length}`)
      : null,
  );
}

/** Place and positions on the first question → who stands where, as words that open the evidence. */
export function showWho(place, report, spells, open) {
  const lists = STANDS.map((rung) => [rung, spells.filter((spell) => spell.rung === rung)]).filter(([, some]) => some.length);
  refill(place, lists.map(([rung, some]) => el(
    "div", {}, badge(rung),
    el("span", { class: "names" }, some
      .map((spell) => [nameOf(spell.actor, report.names), spell])
      .sort((a, b) => a[0].localeCompare(b[0], "en"))
      .map(([name, spell]) => el("button", { type: "button", class: "name", onclick: () => open(spell) }, name))),
  )));
}

/** Place and changes → the latest, each with what it was before. */
export function showChanges(place, report, filters, { changes, figures }, open) {
  const where = conditions(report, filters).concat(`known > TIMESTAMPTZ ${quote(filters.since)}`);
  const item = (spell) => el(
    "li", {},
    el("button", { type: "button", class: "change", dataset: { key: `change-${spell.resolved_id}` }, onclick: () => open(spell) },
      el("strong", {}, nameOf(spell.actor, report.names)),
      el("span", { class: "turn" }, spell.previous ? [badge(spell.previous), el("span", { "aria-hidden": "true" }, "→"), el("span", { class: "unseen" }, " to ")] : null, badge(spell.rung)),
      el("span", { class: "small" }, `${nameOf(spell.beneficiary, report.names)}, ${topicWords(spell.alliance, spell.object)} · ${day(spell.since, spell.precision ?? "day")}`)),
  );
  const [fresh, older] = [true, false].map((is) => changes.filter((spell) => spell.fresh === is));
  const more = figures.changes > fresh.length ? el("p", { class: "small" }, `The latest ${fresh.length} are listed.`) : null;
  refill(
    place,
    el("p", { class: "small" }, el("span", {}, el("strong", {}, plural(figures.changes, "position")), ` new or changed since ${moment(filters.since)}`),
      copyButton("positions new or changed", figures.changes, query(report, "changes", where))),
    fresh.length ? el("ol", { class: "changes" }, fresh.map(item)) : null, more,
    older.length ? [el("h3", {}, "Before that"), el("ol", { class: "changes" }, older.map(item))] : null,
  );
}

/** Place → what stands behind the page whatever the filters: totals, what was rejected, how sure it is. */
export function showBasis(place, report) {
  const totals = report.totals.map(({ label, value, sql }) =>
    el("li", {}, el("strong", {}, count(value)), ` ${label}`, copyButton(label, value, sql)));
  const rejected = report.rejected.map(({ stage, reason, value, sql }) => el(
    "tr", {}, el("th", { scope: "row" }, foreign(reason.replaceAll("_", " "))), el("td", {}, foreign(stage)),
    el("td", { class: "n" }, count(value), copyButton(`rejected: ${reason}`, value, sql)),
  ));
  refill(
    place,
    el("div", {}, el("h3", {}, "What was read"), el("ul", { class: "totals" }, totals)),
    el("div", {}, el("h3", {}, "What was rejected, and why"),
      rejected.length
        ? el("table", {}, el("thead", {}, el("tr", {}, ["Reason", "Step", "Documents"].map((words) => el("th", { scope: "col" }, words)))), el("tbody", {}, rejected))
        : el("p", {}, "Nothing was rejected.")),
    el("div", {}, el("h3", {}, "How sure it is"),
      el("p", {}, "Confidence is a probability: of what is said at 80 %, about eight in ten should be right. Reports that are copies of each other count once. A position is the latest asserted or planned act of a country; what was denied, or only possible, changes none."),
      el("p", {}, "Each figure has a button that copies the query behind it, for ", el("code", {}, "alliance-watch query"), ".")),
  );
}

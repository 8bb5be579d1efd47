// One event → a dialog with its sentences in their context, its sources, and how sure it is.
import { count, day, el, foreign, link, ordinal, plural, refill } from "./dom.js";
import { conditions, copyButton, query, quote } from "./queries.js";
import { badge, kindWords, nameOf, topicWords } from "./stances.js";

/** Report and its source of views → a function that opens the dialog of one event. */
export function makeEvidence(report, source) {
  const box = document.getElementById("evidence");
  const place = box.querySelector(".inside");
  return async function open(id) {
    const found = await source.evidence(id);
    refill(place, found ? describe(report, found) : missing(report, id));
    if (!box.open) box.showModal();
    box.scrollTop = 0;
  };
}

function missing(report, id) {
  const sql = query(report, "event", [`resolved_id = ${quote(id)}`]);
  return [el("h2", { id: "evidence-title" }, "This event is not in this file"), copyButton("the event", [], sql)];
}

function describe(report, { event, sentences, backing }) {
  const who = [event.actor, ...event.with_actors].map((code) => nameOf(code, report.names));
  const about = `${nameOf(event.beneficiary, report.names)}, ${topicWords(event.alliance, event.object)}`;
  return [
    el("h2", { id: "evidence-title" }, `${who.join(", ")}: ${about}`),
    el(
      "p", { class: "facts" },
      badge(event.rung),
      el("span", {}, kindWords(event.kind), event.factuality === "asserted" ? null : ` (${event.factuality})`),
      el("span", {}, when(event).filter(Boolean).join(", ")),
      event.place ? el("span", {}, "in ", foreign(event.place)) : null,
    ),
    event.ordinal ? ranked(report, event, backing) : null,
    event.condition ? el("p", { class: "condition" }, "Condition: ", foreign(event.condition)) : null,
    event.attributed_to ? el("p", {}, "According to ", foreign(event.attributed_to)) : null,
    joined(sentences).map(quoted),
    el("h3", {}, "How sure"),
    el(
      "p", {},
      `Confidence ${event.sure} %, from `, plural(event.n_sources, "independent report"),
      event.n_reports > event.n_sources ? ` (${count(event.n_reports)} with copies)` : null, ". ",
      `${Math.round(event.agreement * 100)} % of them agree on the stance. `,
      copyButton("sources, reports and confidence", [event.n_sources, event.n_reports, event.sure],
        query(report, "event", [`resolved_id = ${quote(event.resolved_id)}`])),
    ),
    event.conflicts.length ? el("ul", {}, event.conflicts.map((one) =>
      el("li", {}, `${plural(one.n_sources, "report")} say${one.n_sources === 1 ? "s" : ""} otherwise, ${one.field}: `, foreign(one.value)))) : null,
    event.sources.length ? el("p", {}, "Outlets: ", event.sources.map((name, i) => [i ? ", " : null, foreign(name)])) : null,
  ];
}

/** A claim to be 'the 22nd' beside what the ledger counts. */
function ranked(report, event, backing) {
  const { beneficiary, object } = event;
  const where = conditions(report, { beneficiary, object, alliance: event.alliance ?? "-" })
    .concat("until IS NULL", report.only_countries, "rung <> 'oppose'");
  return el(
    "p", {}, `Reported as the ${ordinal(event.ordinal)} to do so; the ledger has ${count(backing)} in favour, on conditions or without.`,
    copyButton("countries in favour", backing, query(report, "standing", where)),
  );
}

/** Sentences → the same, those that follow each other in one article as one quotation. */
function joined(sentences) {
  const quotes = [];
  for (const one of sentences) {
    const last = quotes.at(-1);
    const end = last?.marks.at(-1)[0];
    const follows = last && last.url === one.url && last.title === one.title && last.field === one.field &&
      (last.after.trimStart().startsWith(one.text) || one.before.trimEnd().endsWith(end));
    if (follows) {
      last.marks.at(-1)[1] = /\s*$/.exec(one.before)[0] || " ";
      last.marks.push([one.text, ""]);
      last.after = one.after;
    } else {
      quotes.push({ ...one, marks: [[one.text, ""]] });
    }
  }
  return quotes;
}

function quoted(sentence) {
  return el(
    "figure", {},
    el(
      "blockquote", { dir: "auto" },
      el("span", { class: "around" }, sentence.before),
      sentence.marks.map(([text, gap]) => [el("mark", {}, text), gap]),
      el("span", { class: "around" }, sentence.after),
    ),
    el(
      "figcaption", {},
      sentence.field === "title" ? "Headline of " : "From ",
      link(sentence.url, foreign(sentence.title || sentence.url || "an article without a title")),
      sentence.source ? [", ", foreign(sentence.source)] : null, sentence.published ? `, ${day(sentence.published)}` : null,
    ),
  );
}

/** Event → its day, and how that is known where it is not simply said. */
export function when(event) {
  const words = day(event.day, event.event_date_precision ?? "day");
  if (!event.event_date_basis) return [words, "day of the report; no date given"];
  return [words, event.event_date_basis === "publication" ? "day of publication" : null];
}

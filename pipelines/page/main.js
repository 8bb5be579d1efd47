// The page: filters in, everything shown anew. The data comes with the page, or from the server that gave it.
import { count, day, el, firstWords, foreign, moment, ordinal, plural, refill } from "./dom.js";
import { makeEvidence, when } from "./evidence.js";
import { readHash, writeHash } from "./filters.js";
import { fillChoices, makeForm } from "./form.js";
import { openLocal } from "./local.js";
import { makeMap } from "./map.js";
import { conditions, copyButton, query, quote } from "./queries.js";
import { follow, openRemote } from "./remote.js";
import { showBasis, showChanges, showQuestions, showStanding, showWho } from "./sections.js";
import { badge, kindWords, nameOf, RUNGS, topicWords } from "./stances.js";
import { makeTable } from "./tables.js";
import { makeTimeline } from "./timeline.js";

const part = (id) => document.getElementById(id);
const report = JSON.parse(part("data").textContent);
const world = JSON.parse(part("world").textContent);
const live = report.mode === "live";

const toward = (row) => [el("strong", {}, nameOf(row.beneficiary, report.names)), ` ${topicWords(row.alliance, row.object)}`];
const sureness = (row) => {
  const bar = el("span", { class: "level", "aria-hidden": "true" }, el("span", {}));
  bar.firstChild.style.width = `${row.sure}%`;
  return [bar, `${row.sure} %`];
};
const show = (row) => el("button", { type: "button", class: "open", dataset: { key: `open-${row.resolved_id}` }, onclick: () => openEvidence(row.resolved_id) }, "Evidence", el("span", { class: "unseen" }, ` of ${nameOf(row.actor, report.names)}`));

const LEDGER = [
  { id: "actor", words: "Who", value: (row) => nameOf(row.actor, report.names), cell: (row) => el("strong", {}, nameOf(row.actor, report.names)) },
  { id: "beneficiary", words: "Toward", value: (row) => nameOf(row.beneficiary, report.names), cell: toward },
  { id: "rung", words: "Stance", value: (row) => RUNGS.indexOf(row.rung), cell: (row) => [badge(row.rung), row.previous ? el("span", { class: "small" }, `was: ${row.previous}`) : null] },
  { id: "since", words: "Since", value: (row) => row.since, downFirst: true, cell: (row) => [el("span", {}, day(row.since, row.precision ?? "day")), row.dated ? null : el("span", { class: "small" }, "day of the report")] },
  { id: "condition", words: "Condition, and what is said", cell: (row) => [
    row.condition ? el("span", {}, "Condition: ", foreign(row.condition)) : null,
    el("span", { class: "quote" }, foreign(firstWords(row.sentence, 240))),
    row.ordinal ? el("span", { class: "small" }, `Reported as the ${ordinal(row.ordinal)} to do so.`) : null] },
  { id: "n_sources", words: "Sources", value: (row) => row.n_sources, downFirst: true, cell: (row) => [
    plural(row.n_sources, "source"),
    copyButton(`sources, events and confidence of ${nameOf(row.actor, report.names)}`, [row.n_sources, row.n_events, row.sure],
      query(report, "spell", ["until IS NULL", `resolved_id = ${quote(row.resolved_id)}`])),
    el("span", { class: "small" }, plural(row.n_events, "event"))] },
  { id: "sure", words: "Confidence", value: (row) => row.sure, downFirst: true, cell: sureness },
  { id: "more", words: "", cell: show },
];
const EVENTS = [
  { id: "day", words: "Date", value: (row) => row.day, downFirst: true, cell: (row) => { const [words, basis] = when(row); return [el("span", {}, words), basis ? el("span", { class: "small" }, basis) : null]; } },
  { id: "actor", words: "Who", value: (row) => nameOf(row.actor, report.names), cell: (row) => el("strong", {}, nameOf(row.actor, report.names)) },
  { id: "kind", words: "Act", value: (row) => row.kind, cell: (row) => [kindWords(row.kind), row.factuality === "asserted" ? null : el("span", { class: "small" }, row.factuality)] },
  { id: "beneficiary", words: "Toward", value: (row) => nameOf(row.beneficiary, report.names), cell: toward },
  { id: "rung", words: "Stance", value: (row) => RUNGS.indexOf(row.rung), cell: (row) => badge(row.rung) },
  { id: "title", words: "Headline", cell: (row) => (row.title ? foreign(row.title) : el("span", { class: "small" }, "no headline")) },
  { id: "n_sources", words: "Sources", value: (row) => row.n_sources, downFirst: true, cell: (row) => [
    plural(row.n_sources, "source"), copyButton(`sources, reports and confidence of an event of ${nameOf(row.actor, report.names)}`,
      [row.n_sources, row.n_reports, row.sure], query(report, "event", [`resolved_id = ${quote(row.resolved_id)}`]))] },
  { id: "sure", words: "Confidence", value: (row) => row.sure, downFirst: true, cell: sureness },
  { id: "more", words: "", cell: show },
];

const orders = () => ({ ledger: ledger.order(), events: events.order() });
const source = live ? openRemote(report, orders) : openLocal(report);
const openEvidence = makeEvidence(report, source);
const ledger = makeTable(part("ledger"), { caption: "Who stands where now", columns: LEDGER, sort: [{ id: "since", desc: true }], noun: "positions", paged: live, ask: () => update() });
const events = makeTable(part("events"), { caption: "Events", columns: EVENTS, sort: [{ id: "day", desc: true }], noun: "events", paged: live, ask: () => update() });
const showMap = makeMap(part("map"), world, (spell) => openEvidence(spell.resolved_id));
const showTimeline = makeTimeline(part("timeline"), report, (from, to) => narrow({ ...filters, from, to }));

let filters = { since: report.since, ...readHash(location.hash) };
let all = false;
let turn = 0;
const writeForm = makeForm(part("filters"), report, narrow);

/** New filters → the page under them, from the first page of each table. */
function narrow(given) {
  filters = { ...given, since: given.since || report.since };
  ledger.restart();
  events.restart();
  history.replaceState(null, "", `#${writeHash({ ...filters, since: filters.since === report.since ? "" : filters.since })}`);
  return update();
}

async function update() {
  const mine = ++turn;
  document.body.setAttribute("aria-busy", "true");
  let view;
  try {
    view = await source.view(filters);
  } catch (error) {
    part("trouble").textContent = `This can't be shown: ${error.message}`;
    part("trouble").hidden = false;
    document.body.removeAttribute("aria-busy");
    return;
  }
  if (mine !== turn) return; // A later question is on its way.
  part("trouble").hidden = true;
  draw(view);
  document.body.removeAttribute("aria-busy");
  document.body.dataset.turn = turn;
}

function draw(view) {
  const [question] = view.questions;
  const where = conditions(report, filters);
  const open = (spell) => openEvidence(spell.resolved_id);
  writeForm(filters, part("active"));
  showStanding(part("standing"), report, filters, question);
  showQuestions(part("questions"), report, filters, view.questions, all, ({ beneficiary, alliance, object }) =>
    narrow({ ...filters, beneficiary, alliance: alliance ?? "-", object }), (more) => { all = more; draw(view); });
  const away = showMap(view.map, question, report.names);
  refill(part("elsewhere"), away.length ? [`Out of sight at first: ${away.join(", ")}`] : []);
  refill(part("target"), question ? [el("span", { class: "swatch", "aria-hidden": "true" }), nameOf(question.beneficiary, report.names)] : []);
  showWho(part("who"), report, view.map, open);
  showChanges(part("changes"), report, filters, view, open);
  ledger.show(view.ledger.rows, view.ledger.total);
  events.show(view.events.rows, view.events.total);
  showTimeline(view.bins, filters);
  const { figures } = view;
  refill(part("ledger-count"), plural(figures.ledger, "position"), copyButton("positions that hold", figures.ledger, query(report, "ledger", where.concat("until IS NULL"))));
  refill(
    part("events-count"),
    [["event", "events", "events"], ["report", "reports", "reports of them"], ["outlet", "outlets", "outlets"]].map(([noun, name, label], i) => [
      i ? " · " : null, plural(figures[name], noun), copyButton(label, figures[name], query(report, name, where))]),
  );
  part("said").textContent = `${plural(figures.events, "event")}, ${plural(figures.ledger, "position")}`;
}

function drawFixed() {
  refill(part("made"), `${live ? "Data as of" : "Made"} ${moment(report.generated)}`);
  showBasis(part("basis"), report);
  const notes = Object.entries(report.limit ?? {}).filter(([, [here, every]]) => here < every)
    .map(([name, [here, every]]) => el("p", {}, `The ${name === "events" ? "newest " : "latest "}${count(here)} of ${count(every)} ${name === "events" ? "events" : "spells of positions"} are in this file; the figures below count these.`));
  refill(part("limits"), notes);
}

/** The theme: the system's, or the one that is chosen here. */
function chooseTheme() {
  const select = part("theme");
  const kept = { get: () => { try { return localStorage.getItem("theme"); } catch { return null; } }, set: (name) => { try { localStorage.setItem("theme", name); } catch { /* Not kept: then it holds for this visit. */ } } };
  const apply = (name) => { document.documentElement.dataset.theme = name; };
  select.value = ["light", "dark"].includes(kept.get()) ? kept.get() : "system";
  apply(select.value);
  select.addEventListener("change", () => { apply(select.value); kept.set(select.value); });
}

for (const dialog of document.querySelectorAll("dialog")) {
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}
addEventListener("hashchange", () => narrow({ since: report.since, ...readHash(location.hash) }));
part("narrow").open = document.querySelector(".who").open = innerWidth >= 900;
chooseTheme();
drawFixed();
update();
if (live) {
  follow(report.version, async () => {
    // What the reader calls new stays what it was when the page was opened.
    Object.assign(report, await source.tables(), { since: report.since });
    fillChoices(part("filters"), report);
    drawFixed();
    await update();
    part("said").textContent = "New data has come in.";
  }, (gone) => { part("lost").hidden = !gone; });
}

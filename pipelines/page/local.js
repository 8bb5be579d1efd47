// The rows that came with the page + filters → what the page shows. The server's `pipelines/view.py` gives the same.
import { haystacks, matcher } from "./filters.js";
import { RUNGS } from "./stances.js";

/** How many changes are told at most. */
const LATEST = 9;

/** Table of columns and rows → objects. */
export function asRows(table) {
  return table.rows.map((row) => Object.fromEntries(table.columns.map((name, i) => [name, row[i]])));
}

/** Report → a source of views over its rows. */
export function openLocal(report) {
  const found = haystacks(report);
  const events = asRows(report.events);
  const byId = new Map(events.map((event) => [event.resolved_id, event]));
  const texts = (event) => () => [
    event.title, event.condition, event.place, ...event.sources,
    ...event.evidence.map((i) => report.sentences[i][3]),
  ];
  for (const event of events) event.found = found(event, texts(event));
  const spells = asRows(report.spells).map((spell) => ({ ...spell, day: spell.since }));
  for (const spell of spells) {
    const event = byId.get(spell.resolved_id);
    // The condition is the spell's own, everything else its first event's.
    spell.found = found(spell, texts({ ...event, condition: spell.condition }));
    spell.sentence = event.evidence.length ? report.sentences[event.evidence[0]][3] : "";
    spell.ordinal = event.ordinal;
    spell.precision = event.event_date_precision;
    spell.dated = event.event_date_basis !== null;
  }
  const listed = events.filter((event) => event.listed);
  return {
    async view(filters) {
      const passes = matcher(filters);
      return show(filters, listed.filter(passes), spells.filter(passes));
    },
    async evidence(id) {
      const event = byId.get(id);
      if (!event) return null;
      const backers = spells.filter((spell) => same(spell, event) && spell.until === null && spell.country && spell.rung !== "oppose");
      return {
        event,
        sentences: event.evidence.map((i) => withArticle(report, report.sentences[i])),
        backing: new Set(backers.map((spell) => spell.actor)).size,
      };
    },
  };
}

/** Sentence of the report → the same with the article it stands in. */
export function withArticle(report, [article, field, before, text, after]) {
  const [title, url, source, published] = report.articles[article];
  return { field, before, text, after, title, url, source, published };
}

function show(filters, events, spells) {
  const ledger = spells.filter((spell) => spell.until === null);
  const isNew = (spell) => spell.known.slice(0, -1) > filters.since.slice(0, -1);
  const changes = spells.map((spell) => ({ ...spell, fresh: isNew(spell) }));
  changes.sort((a, b) => compare(b.known, a.known) || compare(b.day, a.day) || compare(a.resolved_id, b.resolved_id));
  const outlets = new Set(events.flatMap((event) => event.sources));
  const questions = askQuestions(ledger.filter((spell) => spell.country));
  return {
    figures: {
      events: events.length,
      reports: events.reduce((sum, event) => sum + event.n_reports, 0),
      outlets: outlets.size,
      ledger: ledger.length,
      changes: changes.filter((spell) => spell.fresh).length,
    },
    questions,
    map: questions.length ? ledger.filter((spell) => same(spell, questions[0])) : [],
    ledger: { rows: ledger, total: ledger.length },
    changes: changes.slice(0, LATEST),
    events: { rows: events, total: events.length },
    bins: countBins(events),
  };
}

const same = (spell, question) =>
  ["beneficiary", "alliance", "object"].every((key) => spell[key] === question[key]);

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Spells that hold → how many countries stand where, for each beneficiary, alliance and object. */
export function askQuestions(spells) {
  const found = new Map();
  for (const { beneficiary, alliance, object, actor, rung } of spells) {
    const key = JSON.stringify([beneficiary, alliance, object]);
    if (!found.has(key)) {
      found.set(key, { beneficiary, alliance, object, who: Object.fromEntries(RUNGS.map((name) => [name, new Set()])) });
    }
    found.get(key).who[rung].add(actor);
  }
  const questions = [...found.values()].map(({ who, ...question }) => {
    const counts = Object.fromEntries(RUNGS.map((name) => [name, who[name].size]));
    return { ...question, counts, total: RUNGS.reduce((sum, name) => sum + counts[name], 0) };
  });
  const order = (one) => [one.object === "membership" ? 0 : 1, -one.total];
  return questions.sort((a, b) => {
    const [x, y] = [order(a), order(b)];
    return x[0] - y[0] || x[1] - y[1] || compare(a.beneficiary, b.beneficiary) ||
      compare(a.alliance ?? "", b.alliance ?? "") || compare(a.object, b.object);
  });
}

/** Events → how many there were of each stance, in steps that fit the time they span. */
export function countBins(events) {
  if (!events.length) return { unit: "month", list: [] };
  const days = events.map((event) => event.day);
  const [first, last] = [days.reduce((a, b) => (a < b ? a : b)), days.reduce((a, b) => (a > b ? a : b))];
  const unit = unitFor(first, last);
  const counts = new Map();
  for (const { day, rung } of events) {
    const start = startOf(day, unit);
    if (!counts.has(start)) counts.set(start, Object.fromEntries(RUNGS.map((name) => [name, 0])));
    counts.get(start)[rung] += 1;
  }
  return { unit, list: [...counts].sort((a, b) => compare(a[0], b[0])).map(([start, n]) => ({ start, counts: n })) };
}

/** First and last day → the step of a timeline over them. */
export function unitFor(first, last) {
  const days = (Date.parse(last) - Date.parse(first)) / 86_400_000;
  return days <= 45 ? "day" : days <= 270 ? "week" : days <= 3_660 ? "month" : "year";
}

/** Day and unit → the first day of its step; weeks begin on Monday, as in SQL. */
export function startOf(day, unit) {
  if (unit === "year") return `${day.slice(0, 4)}-01-01`;
  if (unit === "month") return `${day.slice(0, 7)}-01`;
  if (unit === "day") return day;
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}

/** First day of a step → the first day of the next, so many steps on. */
export function nextStart(start, unit) {
  const date = new Date(`${start}T00:00:00Z`);
  if (unit === "year") date.setUTCFullYear(date.getUTCFullYear() + 1);
  else if (unit === "month") date.setUTCMonth(date.getUTCMonth() + 1);
  else date.setUTCDate(date.getUTCDate() + (unit === "week" ? 7 : 1));
  return date.toISOString().slice(0, 10);
}

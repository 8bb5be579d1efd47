// Filters → SQL: what `pipelines/report_queries.py` does, for the queries that the page offers to copy.
import { el, icon } from "./dom.js";

/** Text → a string of SQL. */
export function quote(text) {
  return `'${String(text).replaceAll("'", "''")}'`;
}

/** Text → the same without capitals and accents. */
export function fold(text) {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/\s+/g, " ");
}

/** Filters → the words that are looked for. */
export function searched(filters) {
  return fold(filters.search ?? "").trim().split(" ").filter(Boolean).slice(0, 8);
}

/** Report and filters → conditions, all of which must hold. */
export function conditions(report, filters) {
  const found = [];
  for (const [name, clause] of Object.entries(report.clauses)) {
    const value = filters[name];
    if (!value) continue;
    const sql = name === "sure" ? String(Number(value)) : value === "-" ? "NULL" : quote(value);
    found.push(clause.replace("{}", () => sql));
  }
  return found.concat(searched(filters).map((word) => findWord(report, word)));
}

function findWord(report, word) {
  const codes = Object.entries(report.names)
    .filter(([code, name]) => fold(`${code} ${name}`).includes(word)).map(([code]) => quote(code)).sort();
  const found = `contains(${report.haystack}, ${quote(word)})`;
  if (!codes.length) return found;
  const listed = `(${codes.join(", ")})`;
  return `(${found} OR split_part(actor, ':', 1) IN ${listed} OR beneficiary IN ${listed} OR alliance IN ${listed})`;
}

/** Report, name of a figure and conditions → the query behind it. */
export function query(report, figure, where) {
  const parts = { ...report.relations, where: where.length ? `WHERE ${where.join(" AND ")}` : "" };
  return report.figures[figure].replace(/\{(\w+)\}/g, (_, name) => parts[name]).trim();
}

/** What a figure is called, its value or values, and its query → a button that copies the query. */
export function copyButton(label, values, sql) {
  const data = { figure: label, values: JSON.stringify([values].flat()), query: sql };
  return el(
    "button",
    { type: "button", class: "copy", "aria-label": `Copy query: ${label}`, title: "Copy the query behind this figure",
      dataset: data, onclick: () => copy(sql) },
    icon("copy"),
  );
}

async function copy(sql) {
  let said = "Query copied. Ask it with: alliance-watch query … --data DIR";
  try {
    await navigator.clipboard.writeText(sql);
  } catch {
    said = "The browser does not let pages copy: take it from here.";
  }
  const box = document.getElementById("query");
  box.querySelector("p").textContent = said;
  const words = box.querySelector("textarea");
  words.value = sql;
  box.showModal();
  words.select();
}

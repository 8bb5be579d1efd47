// The form of filters ↔ the filters; and which values there are to choose from.
import { count, day, el, refill } from "./dom.js";
import { badge, kindWords, nameOf, objectWords, RUNGS } from "./stances.js";

const FIELDS = ["search", "beneficiary", "alliance", "object", "kind", "stance", "from", "to", "sure", "since"];

/** Form and report → the form with the values that there are to choose from. */
export function fillChoices(form, report) {
  const { beneficiaries, alliances, objects, kinds } = report.choices;
  const named = (codes) => codes.map((code) => [code, nameOf(code, report.names)]).sort((a, b) => a[1].localeCompare(b[1], "en"));
  const options = {
    beneficiary: named(beneficiaries),
    alliance: [...named(alliances.filter(Boolean)), ["-", "none named"]],
    object: objects.map((code) => [code, objectWords(code)]),
    kind: kinds.map((code) => [code, kindWords(code)]),
    stance: RUNGS.map((rung) => [rung, rung]),
  };
  for (const [name, list] of Object.entries(options)) {
    const { value } = form.elements[name];
    refill(form.elements[name], el("option", { value: "" }, "all"), list.map(([code, words]) => el("option", { value: code }, words)));
    form.elements[name].value = value;
  }
}

/** Form and report → a function that writes filters into it; `changed` gets those that the reader sets. */
export function makeForm(form, report, changed) {
  fillChoices(form, report);
  const read = () => Object.fromEntries(FIELDS.map((name) => {
    const { value } = form.elements[name];
    if (name === "sure") return [name, value === "0" ? "" : value];
    if (name === "since") return [name, since(value)];
    return [name, value];
  }));
  // The day of the last report stands for its moment.
  const since = (value) => (!value || report.since.startsWith(value) ? report.since : `${value}T00:00:00Z`);
  let waiting = null;
  const later = () => {
    form.elements.shown.value = `${form.elements.sure.value} %`;
    clearTimeout(waiting);
    waiting = setTimeout(() => changed(read()), 120);
  };
  // One of the fields stands elsewhere on the page: its events don't pass the form.
  for (const field of form.elements) field.addEventListener("input", later);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => changed({ since: report.since })));
  return function show(filters, place) {
    for (const name of FIELDS) {
      const input = form.elements[name];
      if (input === document.activeElement) continue;
      const value = name === "sure" ? filters.sure || "0" : name === "since" ? filters.since.slice(0, 10) : filters[name] ?? "";
      if (input.value !== value) input.value = value;
    }
    form.elements.shown.value = `${form.elements.sure.value} %`;
    showActive(place, report, filters, changed);
  };
}

/** Place and filters → a button for each that is set, to take it back. */
function showActive(place, report, filters, changed) {
  const words = {
    beneficiary: (code) => nameOf(code, report.names), alliance: (code) => (code === "-" ? "no alliance" : nameOf(code, report.names)),
    object: objectWords, kind: kindWords, stance: (rung) => badge(rung), from: (text) => `from ${day(text)}`,
    to: (text) => `to ${day(text)}`, sure: (n) => `at least ${count(n)} % sure`, search: (text) => `“${text}”`,
  };
  const set = Object.keys(words).filter((name) => filters[name]);
  const clear = el("button", { type: "reset", form: "filters", dataset: { key: "clear" } }, "Clear filters");
  refill(place, set.map((name) => el(
    "button", { type: "button", class: "chip", dataset: { key: `chip-${name}` }, onclick: () => changed({ ...filters, [name]: "" }) },
    el("span", { class: "unseen" }, "Remove filter: "), words[name](filters[name]), el("span", { "aria-hidden": "true" }, " ×"),
  )), set.length ? clear : null);
}

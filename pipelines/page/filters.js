// What the reader narrowed the page to: kept in the address, so that a view can be kept and sent.
import { fold, searched } from "./queries.js";

export const NAMES = ["beneficiary", "alliance", "object", "kind", "stance", "from", "to", "sure", "search", "since"];

/** Fragment of the address → filters; what is no filter is left out. */
export function readHash(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  return Object.fromEntries(NAMES.filter((name) => given.get(name)).map((name) => [name, given.get(name)]));
}

/** Filters → fragment of the address. */
export function writeHash(filters) {
  const kept = NAMES.filter((name) => filters[name]).map((name) => [name, filters[name]]);
  return new URLSearchParams(kept).toString();
}

/** Filters → a function that tells whether an event or a spell passes. */
export function matcher(filters) {
  const words = searched(filters);
  const equal = ["beneficiary", "object", "kind"].filter((name) => filters[name]);
  const sure = Number(filters.sure || 0);
  return (row) =>
    equal.every((name) => row[name] === filters[name]) &&
    (!filters.stance || row.rung === filters.stance) &&
    (!filters.alliance || (row.alliance ?? "-") === filters.alliance) &&
    (!filters.from || row.day >= filters.from) &&
    (!filters.to || row.day <= filters.to) &&
    row.sure >= sure &&
    words.every((word) => row.found(word));
}

/** Report → functions that give a row's words: names are looked for as names, the rest as one text. */
export function haystacks(report) {
  const named = new Map();
  const folded = Object.entries(report.names).map(([code, name]) => [code, fold(`${code} ${name}`)]);
  const codes = (word) => {
    if (!named.has(word)) {
      if (named.size > 200) named.clear();
      named.set(word, new Set(folded.filter(([, name]) => name.includes(word)).map(([code]) => code)));
    }
    return named.get(word);
  };
  return (row, texts) => {
    let text = null;
    return (word) => {
      const listed = codes(word);
      if (listed.has(row.actor.split(":")[0]) || listed.has(row.beneficiary) || listed.has(row.alliance)) return true;
      text ??= fold(texts().filter(Boolean).join(" "));
      return text.includes(word);
    };
  };
}

// Words and values → elements. The only place that makes any: text goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** Tag, attributes and children → an element. Children are elements or text; null is left out. */
export function el(tag, attributes = {}, ...children) {
  return build(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return build(document.createElementNS(SVG, tag), attributes, children);
}

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(typeof child === "object" ? child : document.createTextNode(String(child)));
  }
  return element;
}

/** Text of others → the same, set apart so that its direction can't turn what stands around it. */
export function foreign(text) {
  return el("bdi", { dir: "auto" }, text);
}

/** Address and words → a link where the address is of the web, else the words alone. */
export function link(address, ...words) {
  let safe = null;
  try {
    const url = new URL(address);
    if (url.protocol === "https:" || url.protocol === "http:") safe = url.href;
  } catch {
    safe = null;
  }
  if (!safe) return el("span", {}, ...words);
  return el("a", { href: safe, rel: "noopener noreferrer", target: "_blank" }, ...words);
}

/** Element → the same with these in place of what was in it; the focus stays where it can. */
export function refill(element, ...children) {
  const key = element.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  element.replaceChildren(...children.flat(3).filter((child) => child !== null && child !== undefined));
  if (key) element.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

const PATHS = {
  copy: "M5 1h8a1 1 0 0 1 1 1v9h-2V3H5zM3 5h7v10H2V6a1 1 0 0 1 1-1z",
  plus: "M7 2h2v5h5v2H9v5H7V9H2V7h5z",
  minus: "M2 7h12v2H2z",
  whole: "M2 2h5v2H4v3H2zm7 0h5v5h-2V4H9zM2 9h2v3h3v2H2zm10 0h2v5H9v-2h3z",
};

/** Name → a small drawing that says nothing to a screen reader. */
export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: PATHS[name] }));
}

/** Number → '12,345'. */
export function count(number) {
  return Number(number).toLocaleString("en-GB");
}

/** Number and noun → '1 event', '2 events'. */
export function plural(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Day as YYYY-MM-DD and how exact it is → '6 Jul 2023', 'Jul 2023', '2023'. */
export function day(text, precision = "day") {
  if (!text) return "";
  const [year, month, date] = text.slice(0, 10).split("-").map(Number);
  if (precision === "year") return String(year);
  return `${precision === "month" ? "" : `${date} `}${MONTHS[month - 1]} ${year}`;
}

/** Moment in UTC → '6 Jul 2023, 12:30 UTC'. */
export function moment(text) {
  return `${day(text)}, ${text.slice(11, 16)} UTC`;
}

/** Number → '1st', '22nd', '113th'. */
export function ordinal(number) {
  const ending = { one: "st", two: "nd", few: "rd", other: "th" };
  return `${number}${ending[new Intl.PluralRules("en", { type: "ordinal" }).select(number)]}`;
}

/** Text and length → the same, or its first words where it is longer. */
export function firstWords(text, length) {
  return text.length <= length ? text : `${text.slice(0, length).replace(/\s+\S*$/, "")} …`;
}

// The stances: their words, their order, their marks. Told by word and shape, never by colour alone.
import { el, svg } from "./dom.js";

export const RUNGS = ["ratified", "support", "conditional", "oppose", "neutral"];

const WORDS = {
  ratified: "ratified", support: "support", conditional: "conditional", oppose: "oppose", neutral: "neutral",
};

const SHAPES = {
  ratified: vendor.symbolStar, support: vendor.symbolCircle, conditional: vendor.symbolTriangle,
  oppose: vendor.symbolCross, neutral: vendor.symbolDiamond2,
};

/** Stance → the outline of its mark, around 0, 0. */
export function mark(rung, size) {
  return vendor.symbol(SHAPES[rung] ?? SHAPES.neutral, size)();
}

/** Stance → its mark and word. */
export function badge(rung) {
  return el("span", { class: `stance ${rung}` }, drawn(rung), WORDS[rung] ?? rung);
}

/** Stance → its mark alone, for beside a word. */
export function drawn(rung) {
  return svg(
    "svg", { class: `mark ${rung}`, viewBox: "-8 -8 16 16", "aria-hidden": "true" },
    svg("path", { d: mark(rung, 100), transform: rung === "oppose" ? "rotate(45)" : null }),
  );
}

const OBJECTS = {
  membership: "membership", military_aid: "military aid", economic_aid: "economic aid",
  humanitarian_aid: "humanitarian aid", security_guarantee: "security guarantee", partnership: "partnership",
};
const KINDS = {
  endorse: "endorses", sign: "signs", ratify: "ratifies", admit: "admits", apply: "applies", pledge_aid: "pledges aid",
  provide_aid: "provides aid", condition: "sets a condition", oppose: "opposes", block: "blocks",
  threaten: "threatens", withdraw: "withdraws",
};

export const objectWords = (code) => OBJECTS[code] ?? code.replaceAll("_", " ");
export const kindWords = (code) => KINDS[code] ?? code.replaceAll("_", " ");

/** Alliance and object → 'NATO membership', 'military aid', 'EU economic aid'. */
export function topicWords(alliance, object) {
  return alliance ? `${alliance.replaceAll("_", " ")} ${objectWords(object)}` : objectWords(object);
}

/** Code and names → 'Bulgaria', 'members of NATO', or the code itself. */
export function nameOf(code, names) {
  const [base, part] = code.split(":");
  const name = names[base] ?? base;
  return part ? `${part.replaceAll("_", " ")} of ${name}` : name;
}

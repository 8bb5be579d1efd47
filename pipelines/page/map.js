// Positions on one question → a map of who stands where, told by colour and by the shape of the mark.
import { el, icon, refill, svg } from "./dom.js";
import { mark, nameOf, RUNGS, topicWords } from "./stances.js";

const [WIDTH, HEIGHT] = [960, 560];
/** What is in sight where nobody has a position: Europe. */
const EUROPE = [[-12, 34], [42, 34], [42, 70], [-12, 70]];

/**
 * World and place → a function that shows positions, and tells which countries are out of sight at first;
 * `open` is called with the position that is chosen.
 */
export function makeMap(place, world, open) {
  const projection = vendor.geoNaturalEarth1().fitSize([WIDTH, HEIGHT], { type: "Sphere" });
  const path = vendor.geoPath(projection);
  const countries = vendor.feature(world, world.objects.countries).features;
  const shapes = svg("g", { class: "countries" });
  const marks = svg("g", { class: "marks" });
  const layer = svg("g", {}, shapes, marks);
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "world" }, layer);
  const byCode = new Map();
  for (const country of countries) {
    const shape = svg("path", { d: path(country), class: "country" });
    shapes.append(shape);
    if (country.id) byCode.set(country.id, shape);
  }
  shapes.append(svg("path", { d: path(vendor.mesh(world, world.objects.countries, (a, b) => a !== b)), class: "border" }));

  const tip = el("p", { class: "tip", hidden: true });
  const zoom = vendor.zoom().scaleExtent([1, 24]).translateExtent([[0, 0], [WIDTH, HEIGHT]])
    // A wheel or a finger scrolls the page; the buttons, a pinch and ctrl + wheel change the map.
    .filter((event) => (event.type === "wheel" ? event.ctrlKey : event.touches ? event.touches.length > 1 : !event.button))
    .on("zoom", ({ transform }) => {
      layer.setAttribute("transform", transform);
      scaleMarks(transform.k);
    });
  const selection = vendor.select(drawing).call(zoom).on("dblclick.zoom", null);
  let shown = [];

  function scaleMarks(k) {
    layer.setAttribute("stroke-width", 0.6 / k);
    // On a phone the drawing is a third as wide: marks that shrank with it could not be told apart.
    const small = (WIDTH / Math.max(200, drawing.clientWidth)) ** 0.8;
    const size = (Math.min(1.15, 0.5 + k / 9) * small) / k;
    for (const one of marks.children) {
      one.setAttribute("transform", `translate(${one.dataset.x},${one.dataset.y}) scale(${size})${one.dataset.turn}`);
    }
  }

  function lookAt(points) {
    const xy = points.map((point) => projection(point)).filter(Boolean);
    const [x0, x1] = vendor.extent(xy, (p) => p[0]);
    const [y0, y1] = vendor.extent(xy, (p) => p[1]);
    const k = Math.max(1, Math.min(9, 0.86 / Math.max((x1 - x0) / WIDTH, (y1 - y0) / HEIGHT, 0.05)));
    const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
    zoom.transform(selection, vendor.zoomIdentity.translate(WIDTH / 2 - k * x, HEIGHT / 2 - k * y).scale(k));
  }

  function look(whole) {
    const points = shown.map((spell) => world.middles[spell.actor]).filter(Boolean);
    if (whole) zoom.transform(selection, vendor.zoomIdentity);
    // Most are close together: those far away, in America or Asia, must not make the rest too small to see.
    else lookAt(points.some(inEurope) || !points.length ? EUROPE.concat(points.filter(inEurope)) : points);
  }
  const inEurope = ([x, y]) => x > -25 && x < 50 && y > 33 && y < 72;

  const step = (name, words, act) =>
    el("button", { type: "button", "aria-label": words, title: words, onclick: act }, icon(name));
  refill(
    place, drawing, tip,
    el("div", { class: "zoom" },
      step("plus", "Closer", () => zoom.scaleBy(selection, 1.6)),
      step("minus", "Farther", () => zoom.scaleBy(selection, 1 / 1.6)),
      step("whole", "The whole world", () => look(true))),
  );
  place.addEventListener("mouseleave", () => { tip.hidden = true; });

  return function show(spells, question, names) {
    shown = spells.filter((spell) => world.middles[spell.actor]);
    for (const shape of byCode.values()) {
      shape.setAttribute("class", "country");
      shape.onclick = shape.onmousemove = null;
    }
    marks.replaceChildren();
    const target = question && byCode.get(question.beneficiary);
    if (target) target.setAttribute("class", "country target");
    for (const spell of shown) {
      const words = `${nameOf(spell.actor, names)}: ${spell.rung}`;
      const chosen = () => open(spell);
      const hover = (event) => {
        tip.textContent = words;
        tip.hidden = false;
        const box = place.getBoundingClientRect();
        tip.style.left = `${Math.min(event.clientX - box.left + 12, box.width - 170)}px`;
        tip.style.top = `${event.clientY - box.top + 14}px`;
      };
      const shape = byCode.get(spell.actor);
      if (shape) {
        shape.setAttribute("class", `country ${spell.rung}`);
        shape.onclick = chosen;
        shape.onmousemove = hover;
      }
      const [x, y] = projection(world.middles[spell.actor]);
      const drawn = svg("path", {
        d: mark(spell.rung, 90), class: `mark ${spell.rung}${shape ? "" : " alone"}`,
        dataset: { x, y, turn: spell.rung === "oppose" ? " rotate(45)" : "", actor: spell.actor },
      });
      drawn.onclick = chosen;
      drawn.onmousemove = hover;
      marks.append(drawn);
    }
    drawing.setAttribute("aria-label", describe(shown, question, names));
    look(false);
    const away = shown.filter((spell) => !inEurope(world.middles[spell.actor])).map((spell) => nameOf(spell.actor, names));
    return shown.length > away.length ? away : [];
  };
}

/** Positions → what the map shows, in words. */
function describe(spells, question, names) {
  if (!question) return "Map without positions";
  const counts = RUNGS.map((rung) => [rung, spells.filter((spell) => spell.rung === rung).length]).filter(([, n]) => n);
  const of = `${nameOf(question.beneficiary, names)}, ${topicWords(question.alliance, question.object)}`;
  return `Map of ${of}: ${counts.map(([rung, n]) => `${n} ${rung}`).join(", ")}. The list below says who.`;
}

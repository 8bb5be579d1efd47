// Counts of events by time and stance → bars that can be chosen with mouse or keyboard.
import { day, el, plural, refill, svg } from "./dom.js";
import { nextStart } from "./local.js";
import { conditions, copyButton, query } from "./queries.js";
import { badge, RUNGS } from "./stances.js";

const HEIGHT = 190;
const MARGIN = { top: 8, right: 8, bottom: 24, left: 40 };

/** Place and report → a timeline that shows bins; `choose` is called with the days of the bin that is chosen. */
export function makeTimeline(place, report, choose) {
  const words = el("div", { class: "bin", "aria-live": "polite" });
  const chart = el("div", { class: "chart" });
  const legend = el("div", { class: "legend" });
  refill(place, legend, chart, words);
  let latest = null;
  let current = 0;

  function explain(bin, unit, filters) {
    const end = new Date(Date.parse(nextStart(bin.start, unit)) - 86_400_000).toISOString().slice(0, 10);
    const within = {
      ...filters,
      from: filters.from > bin.start ? filters.from : bin.start,
      to: filters.to && filters.to < end ? filters.to : end,
    };
    const total = RUNGS.reduce((sum, rung) => sum + bin.counts[rung], 0);
    const label = `${plural(total, "event")} ${unit === "day" ? "on" : "in"} ${span(bin.start, unit)}`;
    refill(
      words,
      el("strong", {}, label),
      copyButton(label, total, query(report, "events", conditions(report, within))),
      RUNGS.filter((rung) => bin.counts[rung]).map((rung) => el("span", { class: "part" }, badge(rung), ` ${bin.counts[rung]}`)),
      el("button", { type: "button", dataset: { key: "only" }, onclick: () => choose(within.from, within.to) }, "Show only these"),
    );
  }

  function draw() {
    const { bins, filters } = latest;
    const width = Math.max(280, chart.clientWidth);
    const all = fillGaps(bins);
    current = Math.min(current, Math.max(0, all.length - 1));
    if (!all.length) {
      refill(chart, el("p", { class: "none" }, "No events under these filters."));
      refill(words);
      return;
    }
    const totals = all.map((bin) => RUNGS.reduce((sum, rung) => sum + bin.counts[rung], 0));
    // A few bars needn't fill the width.
    const right = Math.min(width - MARGIN.right, MARGIN.left + all.length * 56);
    const x = vendor.scaleBand(all.map((bin) => bin.start), [MARGIN.left, right]).paddingInner(0.15);
    const y = vendor.scaleLinear([0, vendor.max(totals)], [HEIGHT - MARGIN.bottom, MARGIN.top]).nice(4);
    const layers = vendor.stack().keys(RUNGS).value((bin, rung) => bin.counts[rung])(all);
    const groups = all.map((bin, i) => {
      const bars = layers.map((layer) => svg("rect", {
        class: layer.key, x: x(bin.start), width: Math.max(1, x.bandwidth()),
        y: y(layer[i][1]), height: Math.max(0, y(layer[i][0]) - y(layer[i][1])),
      }));
      // The whole height can be hit, so that small bars can be too.
      const target = svg("rect", { class: "hit", x: x(bin.start), width: x.step(), y: MARGIN.top, height: HEIGHT - MARGIN.top - MARGIN.bottom });
      return svg("g", {
        class: "bar", role: "button", tabindex: i === current ? 0 : -1, dataset: { start: bin.start },
        "aria-label": `${span(bin.start, bins.unit)}: ${plural(totals[i], "event")}`,
        onclick: () => pick(i, true), onfocus: () => pick(i), onmouseenter: () => explain(bin, bins.unit, filters),
        onkeydown: (event) => move(event, i, all.length),
      }, target, bars);
    });
    const axes = [svg("g", { class: "axis", transform: `translate(0,${HEIGHT - MARGIN.bottom})` }), svg("g", { class: "axis", transform: `translate(${MARGIN.left},0)` })];
    const every = Math.ceil(all.length / Math.max(2, Math.floor(width / 90)));
    const ticks = all.map((bin) => bin.start).filter((_, i) => i % every === 0);
    vendor.select(axes[0]).call(vendor.axisBottom(x).tickValues(ticks).tickFormat((start) => span(start, bins.unit === "week" ? "day" : bins.unit)).tickSizeOuter(0));
    vendor.select(axes[1]).call(vendor.axisLeft(y).ticks(4).tickFormat((n) => (Number.isInteger(n) ? n : "")).tickSizeOuter(0));
    for (const axis of axes) axis.setAttribute("aria-hidden", "true");
    refill(chart, svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "group", "aria-label": `Events by ${bins.unit}; arrow keys move` }, axes, groups));
    explain(all[current], bins.unit, filters);

    function pick(i, clicked) {
      current = i;
      groups.forEach((group, j) => group.setAttribute("tabindex", j === i ? 0 : -1));
      explain(all[i], bins.unit, filters);
      if (clicked) groups[i].focus();
    }
    function move(event, i, n) {
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: n - 1 }[event.key];
      if (to >= 0 && to < n) groups[to].focus();
      else if (event.key !== "Enter" && event.key !== " ") return;
      else words.querySelector("button:last-child").click();
      event.preventDefault();
    }
  }

  new ResizeObserver(() => latest && chart.firstChild?.clientWidth !== chart.clientWidth && draw()).observe(chart);
  return function show(bins, filters) {
    latest = { bins, filters };
    current = Number.MAX_SAFE_INTEGER;
    const seen = RUNGS.filter((rung) => bins.list.some((bin) => bin.counts[rung]));
    refill(legend, seen.map((rung) => badge(rung)));
    draw();
  };
}

/** Bins that have events → all from the first to the last. */
function fillGaps({ unit, list }) {
  if (!list.length) return [];
  const having = new Map(list.map((bin) => [bin.start, bin]));
  const filled = [];
  for (let start = list[0].start; start <= list.at(-1).start && filled.length < 5_000; start = nextStart(start, unit)) {
    filled.push(having.get(start) ?? { start, counts: Object.fromEntries(RUNGS.map((rung) => [rung, 0])) });
  }
  return filled;
}

/** First day and unit → '2023', 'Jul 2023', 'the week of 3 Jul 2023'. */
function span(start, unit) {
  return unit === "week" ? `the week of ${day(start)}` : day(start, unit);
}

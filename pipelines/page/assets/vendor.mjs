// What the page uses of other people's work, and nothing more of it: esbuild leaves out the rest.
export { extent, max, sum } from "d3-array";
export { axisBottom, axisLeft } from "d3-axis";
export { geoNaturalEarth1, geoPath } from "d3-geo";
export { scaleBand, scaleLinear } from "d3-scale";
export { select } from "d3-selection";
export { stack, symbol, symbolCircle, symbolCross, symbolDiamond2, symbolStar, symbolTriangle } from "d3-shape";
export { zoom, zoomIdentity } from "d3-zoom";
export { feature, mesh } from "topojson-client";
export {
  constructTable, createPaginatedRowModel, createSortedRowModel, rowPaginationFeature, rowSortingFeature,
  sortFns, tableFeatures,
} from "@tanstack/table-core";
export { storeReactivityBindings } from "@tanstack/table-core/store-reactivity-bindings";

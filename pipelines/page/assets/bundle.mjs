// Packages of package-lock.json → ../vendor: one script, the map of the world and the licences of both.
// Run by `make assets`; the files are kept in the repository, so that nobody needs npm to use the program.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { build } from "esbuild";
import { geoArea, geoCentroid } from "d3-geo";
import { feature, quantize } from "topojson-client";
import { filter, filterWeight, presimplify, quantile, simplify } from "topojson-simplify";
import iso from "i18n-iso-countries";

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf-8");
const write = (name, text) => writeFileSync(new URL(`../vendor/${name}`, import.meta.url), text);

// The packages that end up in the files: what esbuild took, and the map.
const made = await build({
  entryPoints: [new URL("vendor.mjs", import.meta.url).pathname], bundle: true, minify: true, write: false,
  format: "iife", globalName: "vendor", target: "es2022", legalComments: "none", metafile: true, charset: "ascii",
});
const used = new Set(["world-atlas"]);
for (const path of Object.keys(made.metafile.inputs)) {
  const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
  if (name) used.add(name);
}
write("vendor.js", made.outputFiles[0].text);

// Countries by the codes the tables use, without Antarctica; coasts as fine as a page needs.
const world = JSON.parse(read("node_modules/world-atlas/countries-50m.json"));
const countries = world.objects.countries;
countries.geometries = countries.geometries.filter((one) => one.id !== "010");
delete world.objects.land;
// Where a mark goes: the middle of the largest part, so that France's is not in the Atlantic. Countries too small
// to be seen, which the simplifying may take away, are drawn as their mark alone.
const middles = {};
for (const one of countries.geometries) {
  const code = one.id ? iso.numericToAlpha3(one.id) : { Kosovo: "XKX" }[one.properties.name];
  const shape = feature(world, one).geometry;
  const parts = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
  const polygons = parts.map((coordinates) => ({ type: "Polygon", coordinates }));
  const largest = polygons.reduce((a, b) => (geoArea(a) >= geoArea(b) ? a : b));
  if (code) middles[code] = geoCentroid(largest).map((x) => Math.round(x * 100) / 100);
  delete one.properties;
  if (code) one.id = code;
  else delete one.id;
}
let slim = presimplify(world);
slim = simplify(slim, quantile(slim, 0.13));
slim = quantize(filter(slim, filterWeight(slim, 0.05)), 1e4);
slim.middles = middles;
write("world.json", JSON.stringify(slim));

// Licences: each once, with the packages it is of.
const notices = [...used].sort().map((name) => {
  const folder = `node_modules/${name}/`;
  const about = JSON.parse(read(`${folder}package.json`));
  const file = readdirSync(new URL(folder, import.meta.url)).find((one) => /^licen[cs]e/i.test(one));
  return `${name} ${about.version} (${about.license})\n\n${read(folder + file).trim()}\n`;
});
write(
  "NOTICES.txt",
  "The report's page contains parts of these packages. The map is made with Natural Earth, which is in the\n" +
    `public domain, by way of world-atlas.\n\n${"-".repeat(80)}\n\n` + notices.join(`\n${"-".repeat(80)}\n\n`),
);
for (const name of ["vendor.js", "world.json", "NOTICES.txt"]) {
  const text = read(`../vendor/${name}`);
  console.log(createHash("sha256").update(text).digest("hex"), text.length, name);
}

// `make plotly`: the parts of plotly.js that Moraine's figures use, as three files in modules/www/vendor/.
//   plotly.js      the core and the traces that package.json names; the strict variants, which need no 'unsafe-eval'
//   maplibre.js    the map engine that scattermap draws with: a third of all, and fetched only once a map is to be drawn
//   maplibre_worker.js  its worker, a file of its own, so that no blob: URL is needed either
// plotly.js finds the other two by the `data-maplibre` and `data-worker` of its own <script>.
import { build } from "esbuild";
import { environmentPlugin } from "esbuild-plugin-environment";
import { glsl } from "esbuild-plugin-glsl";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const inlineCss = require("esbuild-plugin-inline-css");
const here = dirname(fileURLToPath(import.meta.url));
const vendor = join(here, "../../modules/www/vendor");
const { traces } = require("./package.json");
const plotly = join(here, "node_modules/plotly.js");
const versions = Object.fromEntries(["plotly.js", "maplibre-gl"].map((name) => [name, JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"))).version]));

// The engine that map.js asks for, once it is there; and a worker whose address maplibre.js has set already.
const ENGINE = "module.exports = new Proxy({}, { get: (_, name) => (name === 'setWorkerUrl' ? () => {} : window.maplibregl[name]) });";
const later = {
  name: "later",
  setup(build) {
    build.onResolve({ filter: /maplibre-gl\.mjs$/ }, () => ({ path: "engine", namespace: "later" }));
    build.onResolve({ filter: /build\/maplibre_worker$/ }, () => ({ path: "worker", namespace: "later" }));
    build.onLoad({ filter: /.*/, namespace: "later" }, ({ path }) => ({ contents: path === "engine" ? ENGINE : "module.exports = '';" }));
  },
};

// What plotly.js documents itself with: a fifth of its source, and read by nothing at run time. A string, or an array of nothing but strings, joined.
const STRING = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/.source;
const JOINED = `\\[(?:[\\s,+]|//[^\\n]*|${STRING})*\\]\\s*\\.join\\(\\s*(?:${STRING})\\s*\\)`;
const WORDS = new RegExp(`\\b(?:description|hrName)\\s*:\\s*(?:${STRING}|${JOINED})\\s*(?:,|(?=\\}))`, "g");
const wordless = {
  name: "wordless",
  setup(build) {
    build.onLoad({ filter: /plotly\.js\/src\/.*\.js$/ }, ({ path }) => ({ contents: readFileSync(path, "utf8").replace(WORDS, ""), loader: "js" }));
  },
};

const registered = traces.filter((name) => name !== "scatter").map((name) => {
  const strict = `plotly.js/src/traces/${name}/strict.js`;
  return `require("${existsSync(join(here, "node_modules", strict)) ? strict : `plotly.js/lib/${name}`}")`;
});
const LOADED = `
const asked = document.currentScript.dataset;
const absolute = (path) => new URL(path, document.baseURI).href;
let engine = null;
// Resolves once scattermap can be drawn.
Plotly.mapEngine = () => (engine ??= new Promise((done, failed) => {
  const script = Object.assign(document.createElement("script"), { src: absolute(asked.maplibre) });
  script.onload = () => { window.maplibregl.setWorkerUrl(absolute(asked.worker)); done(); };
  script.onerror = () => { engine = null; script.remove(); failed(new Error("the map engine did not come")); };
  document.head.append(script);
}));`;

// As plotly.js's own build does it, minified.
const options = {
  format: "iife",
  bundle: true,
  minify: true,
  charset: "utf8",
  legalComments: "eof",
  define: { global: "window", "define.amd": "false" },
  alias: { regl: "@plotly/regl", stream: "stream-browserify" },
  target: "es2020",
  logLevel: "warning",
};
const made = (name, what, contents, more) => build({ ...options, stdin: { contents, resolveDir: here }, banner: { js: `/*! ${what} */` }, outfile: join(vendor, name), ...more });

await made(
  "plotly.js",
  `plotly.js v${versions["plotly.js"]}, MIT, a part of it (${traces.join(", ")}), built by .ci/plotly/build.mjs; see plotly.LICENSE`,
  `const Plotly = require("plotly.js/lib/core"); Plotly.register([${registered}]); ${LOADED} module.exports = Plotly;`,
  { globalName: "Plotly", plugins: [later, wordless, inlineCss(), glsl({ minify: true }), environmentPlugin({ NODE_DEBUG: false })] },
);
const engineOf = `MapLibre GL JS v${versions["maplibre-gl"]}, BSD-3-Clause, built by .ci/plotly/build.mjs; see maplibre.LICENSE`;
await made("maplibre.js", engineOf, `export * from "maplibre-gl";`, { globalName: "maplibregl" });
writeFileSync(join(vendor, "maplibre_worker.js"), `/*! ${engineOf} */\n${require(join(plotly, "build/maplibre_worker.js"))}`);
writeFileSync(join(vendor, "plotly.LICENSE"), readFileSync(join(plotly, "LICENSE")));
writeFileSync(join(vendor, "maplibre.LICENSE"), readFileSync(join(here, "node_modules/maplibre-gl/LICENSE.txt")));

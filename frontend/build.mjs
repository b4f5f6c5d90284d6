// Bundles the browser side into static/build/: app.css, app.js and charts.js (statistics pages only).
// File names are plain; Django's manifest storage gives them their hash. `--watch` builds again on change.
import { readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import path from "node:path";

import * as esbuild from "esbuild";
import * as sass from "sass";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);
const outdir = path.join(root, "static", "build");
const watch = process.argv.includes("--watch");

const scss = {
  name: "scss",
  setup(build) {
    build.onLoad({ filter: /\.scss$/ }, async ({ path: file }) => {
      const result = await sass.compileAsync(file, {
        loadPaths: [path.join(root, "node_modules")],
        silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
        quietDeps: true,
        style: "compressed",
      });
      const watchFiles = result.loadedUrls.filter((url) => url.protocol === "file:").map(fileURLToPath);
      return { contents: result.css, loader: "css", watchFiles };
    });
  },
};

const options = {
  absWorkingDir: root,
  entryPoints: [
    { in: "frontend/css/app.css", out: "app" },
    { in: "frontend/js/app.js", out: "app" },
    { in: "frontend/js/charts.js", out: "charts" },
  ],
  outdir,
  bundle: true,
  metafile: true,
  minify: !watch,
  format: "iife",
  target: ["chrome90", "firefox90", "safari15"],
  charset: "utf8",
  legalComments: "none",
  loader: { ".svg": "file" },
  assetNames: "asset-[name]-[hash]",
  plugins: [scss],
  logLevel: "info",
};

/** Files of earlier builds go only after a build that succeeded, so that a mistake never leaves the portal bare. */
async function prune(metafile) {
  const wanted = new Set(Object.keys(metafile.outputs).map((file) => path.basename(file)));
  for (const file of await readdir(outdir)) {
    if (!wanted.has(file)) await rm(path.join(outdir, file));
  }
}

if (watch) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  const { metafile } = await esbuild.build(options);
  await prune(metafile);
}

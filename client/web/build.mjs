// Bundles the web app: node build.mjs [--outdir=DIR]
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";

const option = process.argv.find((argument) => argument.startsWith("--outdir="));
const outdir = option ? option.slice("--outdir=".length) : "dist";

await mkdir(outdir, { recursive: true });
// Pieces of former builds have other names and would stay for ever.
for (const name of await readdir(outdir))
  if (name.startsWith("chunk-")) await rm(path.join(outdir, name));
await build({
  entryPoints: ["src/main.tsx", "src/style.css"],
  format: "esm",
  splitting: true,
  chunkNames: "chunk-[name]-[hash]",
  outdir,
  bundle: true,
  minify: true,
  sourcemap: "linked",
  target: ["chrome100", "firefox100", "safari15"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  logLevel: "warning",
});
await cp("src/index.html", `${outdir}/index.html`);

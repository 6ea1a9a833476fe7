// Bundles the web app: node build.mjs [--outdir=DIR]
import { cp, mkdir } from "node:fs/promises";
import { build } from "esbuild";

const option = process.argv.find((argument) => argument.startsWith("--outdir="));
const outdir = option ? option.slice("--outdir=".length) : "dist";

await mkdir(outdir, { recursive: true });
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

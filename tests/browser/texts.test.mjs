// All that the pages say stands in the language files, whole in both; no component says anything of
// its own.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { test } from "node:test";

const web = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../../client/web");
const require = createRequire(path.join(web, "package.json"));
const ts = require("typescript");

async function texts(language) {
  const { build } = require("esbuild");
  const { outputFiles } = await build({ entryPoints: [path.join(web, "src/texts", `${language}.ts`)],
    bundle: true, format: "esm", write: false });
  return (await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`))[language];
}

// {path: text}, of whatever depth; a function counts as what it says of "x".
function flat(value, at = "") {
  if (typeof value === "object")
    return Object.entries(value).reduce((all, [key, each]) => ({ ...all, ...flat(each, `${at}.${key}`) }), {});
  const word = typeof value === "function" ? String(value(new Proxy({}, { get: (_, name) => (name === Symbol.toPrimitive ? () => "x" : "x") }), "x")) : value;
  return { [at]: word };
}

function sources(folder) {
  return readdirSync(folder).flatMap((name) => {
    const file = path.join(folder, name);
    return statSync(file).isDirectory() ? sources(file) : file.endsWith(".tsx") ? [file] : [];
  });
}

// Attributes whose value a person reads or hears.
const SPOKEN = new Set(["alt", "aria-label", "aria-description", "placeholder", "title", "label"]);
const ALLOWED = /^(Nhịp Cầu)$/;
const speaks = (text) => /\p{L}{2}/u.test(text) && !ALLOWED.test(text.trim());

function ownWords(file) {
  const tree = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found = [];
  const visit = (node) => {
    if (ts.isJsxText(node) && speaks(node.text)) found.push(node.text.trim());
    if (ts.isJsxAttribute(node) && SPOKEN.has(node.name.getText()) && node.initializer
      && ts.isStringLiteral(node.initializer) && speaks(node.initializer.text)) found.push(node.initializer.text);
    // A Vietnamese letter in any string of a component is a text.
    if (ts.isStringLiteralLike(node) && /[À-ỹ]/.test(node.text) && !ALLOWED.test(node.text)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found.map((text) => `${path.relative(web, file)}: ${text}`);
}

test("both languages say everything, and nothing is empty", async () => {
  const [vi, en] = [flat(await texts("vi")), flat(await texts("en"))];
  assert.deepEqual(Object.keys(en).sort(), Object.keys(vi).sort());
  for (const [language, all] of [["vi", vi], ["en", en]])
    for (const [key, text] of Object.entries(all)) assert.notEqual(text.trim(), "", `${language}${key}`);
});

test("no component has a text of its own", () => {
  assert.deepEqual(sources(path.join(web, "src")).flatMap(ownWords), []);
});

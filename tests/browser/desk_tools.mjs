// What the tests of the desks share: a line that can be cut, texts of somebody hostile, the
// accessibility checker.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// A TCP proxy before the server: its lines can be cut, and it outlives the server.
export class Cable {
  static async start(url) {
    const cable = new Cable();
    cable.ends = new Set();
    cable.isCut = false;
    cable.plug(url);
    cable.listener = net.createServer((near) => cable.join(near)).listen(0, "127.0.0.1");
    await once(cable.listener, "listening");
    return cable;
  }

  plug(url) {
    this.target = Number(new URL(url).port);
  }

  join(near) {
    if (this.isCut) return near.destroy();
    if (this.isFrozen) {
      this.ends.add(near);
      near.on("error", () => undefined).on("close", () => this.ends.delete(near));
      return undefined;
    }
    const far = net.connect(this.target, "127.0.0.1");
    for (const end of [near, far]) {
      this.ends.add(end);
      end.on("error", () => undefined);
      end.on("close", () => {
        this.ends.delete(end);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
    return undefined;
  }

  link(link) {
    const url = new URL(link);
    url.port = String(this.listener.address().port);
    return url.href;
  }

  // Nothing comes through any more, and nobody is told.
  freeze() {
    this.isFrozen = true;
    for (const end of this.ends) end.unpipe().pause();
  }

  cut() {
    this.isCut = true;
    for (const end of this.ends) end.destroy();
  }

  mend() {
    if (this.isFrozen) for (const end of this.ends) end.destroy();
    this.isCut = this.isFrozen = false;
  }

  async stop() {
    this.cut();
    this.listener.close();
    await once(this.listener, "close");
  }
}

export const HOSTILE = [
  "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'>",
  "\u202Eedirrevo\u202C và \u2067rtl\u2069",
  "W".repeat(190),
  "🇻🇳👩‍💻🧑‍🤝‍🧑 Đà Nẵng 🎉".repeat(4),
  "Thành phố Đà Nẵng".normalize("NFD"),
];

// Rules of WCAG 2.2, levels A and AA; what is wrong, as text.
export async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const result = await window.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    });
    return result.violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
  });
}

// Nothing hangs out at the side, and no text has become markup that runs.
export async function isWhole(page, where) {
  const found = await page.evaluate(() => ({
    over: document.documentElement.scrollWidth - window.innerWidth,
    wide: [...document.querySelectorAll("section, aside, dialog, header, footer")]
      .filter((box) => box.scrollWidth > box.clientWidth + 2 && getComputedStyle(box).overflowX !== "hidden")
      .map((box) => `${box.tagName}.${box.className} ${box.scrollWidth}>${box.clientWidth}`),
    pwned: window.pwned,
  }));
  assert.equal(found.pwned, undefined, `${where}: a text ran as a script`);
  assert.ok(found.over <= 0, `${where}: ${found.over} px hang out at the side`);
  assert.deepEqual(found.wide, [], `${where}: wider than its box`);
}

// For addInitScript(): the page's WebSocket can be reached, so that it can be told what a server says
// only in rare cases.
export function keepSocket() {
  const Real = window.WebSocket;
  window.WebSocket = class extends Real {
    constructor(...address) {
      super(...address);
      window.keptSocket = this;
    }
  };
}

export const hear = (page, method, params) => page.evaluate((data) => {
  window.keptSocket.dispatchEvent(new MessageEvent("message", { data }));
}, JSON.stringify({ jsonrpc: "2.0", method, params }));

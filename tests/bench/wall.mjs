// The operator's wall with many rooms: seconds of scripts a second in the operator's page, from the
// browser's own trace, while every room's figures come twice a second; and beside it the time from the
// chair's touch to the speaker's name on the chair's own and on a room's page, while every room talks to
// the server twice a second, too. With few rooms and with many, in one run.
//
//     node tests/bench/wall.mjs [ROOMS] [SECONDS]
import { rmSync } from "node:fs";
import { Line } from "../browser/desk_line.mjs";
import { hear, keepSocket } from "../browser/desk_tools.mjs";
import { Browser, Server, temporaryFolder } from "../browser/peers.mjs";

const ROOMS = Number(process.argv[2] ?? 500), SECONDS = Number(process.argv[3] ?? 10);
const EVERY_MS = 500, GRANTS = 20;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const tell = (what) => console.log(JSON.stringify(what));
const quantile = (values, share) => values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

const figuresOf = (sites, turn) => sites.map(({ id }, index) => ({
  site: id, state: "connected", level_dbov: -70 + ((index * 7 + turn * 11) % 60), loss_up: (index + turn) % 97 === 0 ? 4.2 : 0.1,
  loss_down: 0, rtt_ms: 10 + ((index + turn) % 80), jitter_ms: 2 + (turn % 5), kbps_up: 100 + ((index + turn) % 50), lines: 180,
  estimate_kbps: 2000 }));

// What the page's main thread did, of a trace; nested pieces count once.
function busy(events, names) {
  const main = events.find(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const threads = new Set(events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
    .map(({ pid, tid }) => `${pid}/${tid}`));
  if (!main) throw new Error("the trace has no main thread");
  let sum = 0, until = new Map();
  for (const { name, ph, pid, tid, ts, dur } of events.filter(({ ph: phase }) => phase === "X").sort((a, b) => a.ts - b.ts)) {
    const thread = `${pid}/${tid}`;
    if (ph !== "X" || !names.has(name) || !threads.has(thread) || ts < (until.get(thread) ?? 0)) continue;
    sum += dur;
    until.set(thread, ts + dur);
  }
  return sum / 1e6;
}

const SCRIPTS = new Set(["FunctionCall", "EvaluateScript", "EventDispatch", "TimerFire", "FireAnimationFrame", "RunMicrotasks",
  "v8.callFunction", "V8.GC_SCAVENGER", "MajorGC", "MinorGC"]);
const DRAWING = new Set(["UpdateLayoutTree", "Layout", "PrePaint", "Paint", "Layerize", "Commit"]);

async function trace(browser, page, work) {
  const session = await browser.context.browser()?.newBrowserCDPSession().catch(() => null)
    ?? await browser.context.newCDPSession(page);
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await session.send("Tracing.start", { transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["devtools.timeline", "v8", "disabled-by-default-v8.gc", "__metadata"] } });
  await work();
  const over = new Promise((resolve) => { session.once("Tracing.tracingComplete", resolve); });
  await session.send("Tracing.end");
  await over;
  return events;
}

async function measure(count) {
  const folder = temporaryFolder();
  const server = await Server.start(folder, "[limits]\nframes-per-second = 1000\nframes-burst = 2000\n");
  const sites = Array.from({ length: count }, (_, index) => ({ id: `xa-${index}`, name: `Xã số ${index}` }));
  const made = await server.post("/api/v1/meetings", {
    meeting: "hop", title: "Đo tải", declared: true, chair: { name: "Nguyễn Văn An" }, secretary: { name: "Trần Thị Bình" },
    sites: [{ id: "chu-toa", name: "Trụ sở Chính phủ", role: "chair" }, ...sites] });
  const links = Object.fromEntries(made.links.map((link) => [link.site ?? link.role, link.url]));
  const { url } = await server.post("/api/v1/meetings/hop/links", { role: "operator" });
  const lines = [];
  for (const { id } of sites.slice(1)) lines.push(await Line.open(server, links[id]));
  // Each page in a browser of its own: the trace has only the wall, and none is in the background.
  const [desk, place, wall] = [await Browser.start(folder), await Browser.start(folder), await Browser.start(folder)];
  await wall.context.addInitScript(keepSocket);
  const room = await place.join(links["xa-0"]), chair = await desk.join(links["chu-toa"]), operator = await wall.join(url);
  const opener = await Line.open(server, made.links.find(({ role }) => role === "secretary").url);
  await opener.call("meeting.open");
  await operator.locator(".wall-row").first().waitFor();

  let turn = 0, isOver = false;
  const events = await trace(wall, operator, async () => {
    const until = performance.now() + SECONDS * 1000;
    while (performance.now() < until) {
      const next = performance.now() + EVERY_MS;
      await hear(operator, "media.figures", { all: true, legs: figuresOf(sites, turn++), alarms: [] });
      await wait(Math.max(0, next - performance.now()));
    }
  });
  const script = busy(events, SCRIPTS) / SECONDS, drawing = busy(events, DRAWING) / SECONDS;

  const talk = (async () => {
    while (!isOver) {
      const next = performance.now() + EVERY_MS;
      for (const line of lines) void line.call("media.stats", { outgoing: { packetsLost: turn } }).catch(() => undefined);
      await hear(operator, "media.figures", { all: true, legs: figuresOf(sites, turn++), alarms: [] });
      await wait(Math.max(0, next - performance.now()));
    }
  })();
  const own = [], others = [];
  for (let i = 0; i < GRANTS; i++) {
    const line = lines[i % lines.length], name = sites[1 + i % lines.length].name;
    const { request } = await line.call("floor.request", { topic: "Ý kiến" });
    const touch = chair.getByRole("button", { name: `Mời ${name} phát biểu`, exact: true });
    await touch.waitFor();
    // Both pages tell the time of one clock, that of the machine.
    const shown = (page) => page.evaluate((wanted) => new Promise((resolve) => {
      const see = () => [...document.querySelectorAll("main section, main aside")].some((box) =>
        /^(Đang phát biểu)/.test(box.innerText.trim()) && box.innerText.includes(wanted));
      const watcher = new MutationObserver(() => {
        if (!see()) return;
        watcher.disconnect();
        requestAnimationFrame(() => resolve(Date.now()));
      });
      watcher.observe(document.body, { subtree: true, childList: true, characterData: true });
    }), name);
    const seen = [shown(chair), shown(room)];
    const touched = await touch.evaluate((found) => { const now = Date.now(); found.click(); return now; });
    const times = await Promise.all(seen.map((one) => Promise.race([one, wait(10_000).then(() => NaN)])));
    own.push(times[0] - touched);
    others.push(times[1] - touched);
    await line.call("floor.release", { request });
  }
  isOver = true;
  await talk;
  tell({ rooms: count, seconds: SECONDS, script_share: Number(script.toFixed(4)), drawing_share: Number(drawing.toFixed(4)),
    rows_in_page: await operator.locator(".wall-row").count(),
    grant_to_chair_ms: { median: quantile(own, 0.5), p95: quantile(own, 0.95) },
    grant_to_room_ms: { median: quantile(others, 0.5), p95: quantile(others, 0.95) } });
  for (const line of lines) line.socket.terminate();
  opener.socket.terminate();
  for (const browser of [desk, place, wall]) await browser.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
  return script;
}

const few = await measure(20), many = await measure(ROOMS);
tell({ what: "scripts' share, many against few", ratio: Number((many / few).toFixed(2)) });
process.exit(0);

// The page reads the journal as the server does: its fold of every event, from the beginning and
// from any moment in between, is the server's own state, field for field.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { Line } from "./desk_line.mjs";
import { Server, temporaryFolder } from "./peers.mjs";

const web = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../../client/web");
const MEETING = "hop-gap";
let folder, server, foldModule, chair, secretary, hue, daNang, links;
// What the server said at some moments: {seq, state}.
const moments = [];

async function bundled(file) {
  const { build } = createRequire(path.join(web, "package.json"))("esbuild");
  const outfile = path.join(folder, `${path.basename(file, ".ts")}.mjs`);
  await build({ entryPoints: [path.join(web, "src", file)], outfile, bundle: true, format: "esm", platform: "node" });
  return import(pathToFileURL(outfile).href);
}

async function note() {
  const seen = await Line.open(server, links.secretary);
  moments.push({ seq: seen.hello.seq, state: seen.hello.state });
  await seen.close();
}

async function prepare() {
  await chair.call("roster.set", { site: "hue", people: [{ name: "Lê Văn A", post: "Giám đốc" }] });
  await hue.call("invitation.mark", { state: "seen" });
  await hue.call("roster.set", { people: [{ name: "Võ Thị B", for: "Lê Văn A", why: "Đi công tác" }] });
  await hue.call("site.mute", { site: "hue" });
  await secretary.call("roster.approve", { site: "hue", name: "Võ Thị B" });
  await secretary.call("meeting.update", { moderated: true, speech_seconds: 600, chair_lost_seconds: 5 });
  await secretary.call("meeting.declare");
  await chair.call("site.unmute", { site: "hue" });
  await secretary.call("agenda.set", { items: [{ id: "mot", title: "Báo cáo" }, { id: "hai", title: "Thảo luận", seconds: 900 }] });
}

async function rehearse() {
  await chair.call("meeting.rehearse");
  await chair.call("site.admit", { all: true });
  await hue.call("floor.request", { topic: "Thử" });
  await chair.call("floor.grant", { request: "r1" });
  await daNang.call("floor.request", { topic: "Thử nữa" });
  await secretary.call("minutes.note", { text: "Trong tổng duyệt" });
  await secretary.call("directive.issue", { text: "Thử" });
  await secretary.call("rollcall.start");
  await hue.call("rollcall.answer", { answer: "online", present: ["Lê Văn A"] });
  await note();
  await chair.call("meeting.prepare");
  await chair.call("meeting.rehearse");
}

async function speak() {
  await chair.call("meeting.open");
  await chair.call("agenda.advance");
  await hue.call("floor.request", { speaker: "Võ Thị B", title: "Giám đốc", kind: "prepared", item: "mot", topic: "Tham luận" });
  await daNang.call("floor.request", { kind: "opinion" });
  await daNang.call("floor.request", { kind: "point-of-order", item: "hai" });
  await note();
  for (const request of ["r3", "r4", "r5"]) await chair.call("floor.accept", { request });
  await chair.call("floor.reorder", { request: "r4", position: 1 });
  await chair.call("floor.defer", { request: "r4" });
  await secretary.call("floor.prepare", { request: "r3" });
  await chair.call("floor.grant", { request: "r3", seconds: 300 });
  await chair.call("meeting.pause");
  await note();
  await chair.call("meeting.resume");
  await chair.call("floor.extend", { request: "r3", seconds: 60 });
  await note();
  await chair.call("meeting.pause");
  await chair.call("floor.revoke", { request: "r3", why: "Hết thời gian" });
  await chair.call("meeting.resume");
  await note();
  await chair.call("floor.deny", { request: "r5", why: "Ngoài nội dung" });
  await chair.call("floor.grant", { request: "r4" });
  await daNang.call("floor.release");
  await chair.call("floor.grant", { site: "hue" });
  await hue.call("floor.release");
  await daNang.call("floor.request", { kind: "rebuttal", answers: "r3" });
  await daNang.call("floor.cancel");
  await hue.call("opinion.submit", { text: "Dòng một\nDòng hai", speaker: "Võ Thị B", item: "mot" });
}

async function decide() {
  await secretary.call("directive.issue", { text: "Rà soát", lead: "bo-noi-vu", support: ["hue"], due: "2026-12-31" });
  await secretary.call("directive.issue", { text: "Báo cáo" });
  await chair.call("directive.amend", { directive: "d2", lead: null, support: ["da-nang"], text: "Rà soát kỹ" });
  await chair.call("directive.withdraw", { directive: "d3", why: "Trùng" });
  await secretary.call("rollcall.start");
  await secretary.call("rollcall.answer", { site: "ca-mau", answer: "absent", why: "Bão" });
  await hue.call("rollcall.answer", { answer: "online" });
  await hue.call("rollcall.answer", { answer: "in-person" });
  await note();
  await secretary.call("rollcall.close");
  await chair.call("vote.open", { question: "Thông qua?", eligible: ["hue", "da-nang"], seconds: 60 });
  await hue.call("vote.cast", { vote: "v1", choice: "for" });
  await note();
  await chair.call("vote.close", { vote: "v1" });
  await chair.call("vote.open", { question: "Kín?", secret: true, early: true });
  await hue.call("vote.cast", { vote: "v2", choice: "against" });
  await note();
  await chair.call("vote.close", { vote: "v2" });
  await chair.call("agenda.advance", { item: "hai" });
  await chair.call("layout.set", { layout: "mosaic_9", cells: ["da-nang", null], page_seconds: 20 });
}

async function changeHands() {
  await chair.call("chair.recall", { queue: true });
  await chair.call("chair.delegate", { queue: true });
  await chair.call("consult.open", { sites: ["hue"], accounts: ["thu-ky"] });
  await note();
  await chair.call("consult.close");
  await chair.call("chair.delegate", { site: "hue" });
  await note();
  await chair.call("chair.recall");
  await chair.call("site.remove", { site: "da-nang", why: "Thiết bị hú" });
  await chair.close();
  await secretary.event("chair.acting");
  await note();
  await chair.connect();
  await secretary.event("chair.returned");
  const again = await Line.open(server, links.hue);
  await again.close();
  await chair.call("message.send", { text: "Xin cảm ơn" });
  await chair.call("meeting.close", { unfinished: true });
  await note();
}

before(async () => {
  folder = temporaryFolder();
  server = await Server.start(folder);
  foldModule = await bundled("fold.ts");
  const made = await server.post("/api/v1/meetings", {
    meeting: MEETING, title: "Họp gập", lobby: true, chair: { name: "Nguyễn Văn An" }, secretary: { name: "Trần Thị Bình", post: "Chuyên viên" },
    sites: [{ id: "chu-toa", name: "Chính phủ", role: "chair" }, { id: "hue", name: "Huế", code: "46", group: "trung" },
      { id: "da-nang", name: "Đà Nẵng", people: [{ name: "Trần C" }] }, { id: "ca-mau", name: "Cà Mau" }],
  });
  links = Object.fromEntries(made.links.map((link) => [link.site ?? link.role, link.url]));
  [chair, secretary, hue, daNang] = await Promise.all(
    ["chu-toa", "secretary", "hue", "da-nang"].map((who) => Line.open(server, links[who])));
  await prepare();
  await rehearse();
  await speak();
  await decide();
  await changeHands();
});

after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function journal() {
  const text = await server.get(`/api/v1/meetings/${MEETING}/journal.jsonl`, secretary.token);
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

test("every event folded from the beginning gives the server's state", async () => {
  const events = await journal();
  const fold = new foldModule.Fold(foldModule.emptyState(MEETING));
  const wanted = new Map(moments.map(({ seq, state }) => [seq, state]));
  for (const event of events) {
    fold.take(event);
    if (wanted.has(event.seq)) assert.deepEqual(fold.publish(), wanted.get(event.seq), `after event ${event.seq}`);
  }
  assert.ok(wanted.size >= 12);
});

test("a state taken at any moment, and the events since, give the server's state at the end", async () => {
  const events = await journal();
  const last = moments.at(-1);
  for (const { seq, state } of moments) {
    const before = JSON.stringify(state);
    const fold = new foldModule.Fold(state);
    fold.publish();
    for (const event of events) if (event.seq > seq && event.seq <= last.seq) fold.take(event);
    assert.deepEqual(fold.publish(), last.state, `from event ${seq}`);
    assert.equal(JSON.stringify(state), before, "what was shown has been changed");
  }
});

test("the meeting had every kind of event that changes the state", async () => {
  const types = new Set((await journal()).map((event) => event.type));
  const unseen = foldModule.foldedTypes().filter((type) => !types.has(type));
  assert.deepEqual(unseen, ["roster.refused", "paper.added", "bridge.lost", "bridge.restored"]);
});

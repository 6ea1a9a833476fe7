// Two Chromium pages and native rooms in one meeting, judged by the samples that each received.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { Browser, gone, heard, loudest, Rooms, Server, temporaryFolder } from "./peers.mjs";

// The one who is heard speaks softly (-20 dBFS), so that what Opus adds beside his tone lies below
// -65 dB; a room that got through at full volume would lie near 0.
const SOFT = 3200;
const ABSENT_DB = -60;
const TONES = { "da-nang": 1000, hue: 1400, "ca-mau": 440 };

let folder, server, rooms, browsers, daNang, hue;

before(async () => {
  folder = temporaryFolder();
  server = await Server.start(folder);
  const links = await server.meeting("hop-thu", {
    "chu-toa": "Điểm cầu Chính phủ", "da-nang": "Thành phố Đà Nẵng", hue: "Thành phố Huế",
    "ca-mau": "Tỉnh Cà Mau",
  });
  rooms = new Rooms(folder, [links["chu-toa"], links["ca-mau"]]);
  await Promise.all([rooms.connected("chu-toa"), rooms.connected("ca-mau")]);
  rooms.tell({ room: "*", listen: Object.values(TONES) });
  rooms.tell({ room: "ca-mau", tone: TONES["ca-mau"], level: -12 });
  await rooms.call("chu-toa", "meeting.open");
  browsers = await Promise.all([
    Browser.start(folder, { tone: TONES["da-nang"], amplitude: SOFT }), Browser.start(folder, { tone: TONES.hue })]);
  [daNang, hue] = await Promise.all([
    browsers[0].join(links["da-nang"]), browsers[1].join(links.hue)]);
});

after(async () => {
  await Promise.all((browsers ?? []).map((browser) => browser.stop()));
  await rooms?.stop();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("a room asks by the page's button, and the chair's grant puts it on air", async () => {
  await daNang.getByRole("button", { name: "Đăng ký phát biểu" }).click();
  await daNang.getByLabel("Nội dung phát biểu").fill("Một cửa liên thông");
  await daNang.getByRole("button", { name: "Gửi đăng ký" }).click();
  await daNang.getByText("Thứ tự chờ của điểm cầu: 1").waitFor();
  await hue.locator('.queue [data-request]', { hasText: "Thành phố Đà Nẵng" }).waitFor();
  await rooms.call("chu-toa", "floor.grant", { site: "da-nang" });
  await daNang.getByText("ĐANG LÊN SÓNG").waitFor();
  await hue.locator('[data-holder="da-nang"]').waitFor();
});

test("the floor holder is heard by all others and not by himself", async () => {
  await Promise.all([heard(hue, TONES["da-nang"]),
    rooms.tone("ca-mau", TONES["da-nang"]), rooms.tone("chu-toa", TONES["da-nang"])]);
  assert.ok(await loudest(daNang, TONES["da-nang"]) < ABSENT_DB, "heard himself");
});

test("rooms without the floor are heard by nobody, even at full volume", async () => {
  await hue.evaluate(() => window.sendAlways());
  rooms.tell({ room: "ca-mau", tone: TONES["ca-mau"], level: 0 });
  rooms.tell({ room: "*", reset: true });
  const pages = await Promise.all([
    loudest(daNang, TONES.hue), loudest(daNang, TONES["ca-mau"]),
    loudest(hue, TONES["ca-mau"]), loudest(hue, TONES.hue)]);
  for (const level of pages) assert.ok(level < ABSENT_DB, `a page heard it at ${level} dB`);
  const report = await rooms.report("chu-toa");
  assert.ok(report.tones[TONES["da-nang"]] > -40, "the holder went on being heard");
  assert.ok(report.tones[TONES.hue] < ABSENT_DB, "the page without the floor was heard");
  assert.ok(report.tones[TONES["ca-mau"]] < ABSENT_DB, "the room without the floor was heard");
});

test("a page gives the floor back, and a native room is heard in its place", async () => {
  await daNang.getByRole("button", { name: "Kết thúc phát biểu" }).click();
  await daNang.getByRole("button", { name: "Đăng ký phát biểu" }).waitFor();
  await rooms.call("chu-toa", "floor.grant", { site: "ca-mau" });
  await Promise.all([heard(daNang, TONES["ca-mau"]), heard(hue, TONES["ca-mau"])]);
  await Promise.all([gone(hue, TONES["da-nang"]), rooms.tone("chu-toa", TONES["da-nang"], false)]);
  assert.ok(await loudest(hue, TONES["da-nang"]) < ABSENT_DB, "the former holder is still heard");
});

test("the chair's word is shown to the room that it stops", async () => {
  await rooms.call("ca-mau", "floor.release");
  const { request } = await rooms.call("chu-toa", "floor.grant", { site: "hue" });
  await hue.getByText("ĐANG LÊN SÓNG").waitFor();
  await rooms.call("chu-toa", "floor.revoke", { request, why: "Hết thời gian" });
  await hue.getByText("Chủ tọa đã dừng phát biểu: Hết thời gian").waitFor();
});

test("the pages ran without an error of their own", () => {
  assert.deepEqual(daNang.problems, []);
  assert.deepEqual(hue.problems, []);
});

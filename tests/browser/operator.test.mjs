// The operator's wall: what is wrong stands on top, as the server tells it.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { Line } from "./desk_line.mjs";
import { hear, isWhole, keepSocket, violations } from "./desk_tools.mjs";
import { Browser, gone, heard, Server, temporaryFolder } from "./peers.mjs";

const MEETING = "hop-ky-thuat";
const ROOMS = 120, HZ = 500;
let folder, server, browser, links, operator, hue, loud;

before(async () => {
  folder = temporaryFolder();
  server = await Server.start(folder);
  const made = await server.post("/api/v1/meetings", {
    meeting: MEETING, title: "Hội nghị thử kỹ thuật", declared: true,
    chair: { name: "Nguyễn Văn An" }, secretary: { name: "Trần Thị Bình" },
    sites: [{ id: "chinh-phu", name: "Trụ sở Chính phủ", role: "chair" }, { id: "hue", name: "Thành phố Huế" },
      { id: "da-nang", name: "Thành phố Đà Nẵng" },
      ...Array.from({ length: ROOMS }, (_, n) => ({ id: `xa-${n}`, name: `Xã số ${n}` }))],
  });
  links = Object.fromEntries(made.links.map((link) => [link.site ?? link.role, link.url]));
  const { url } = await server.post(`/api/v1/meetings/${MEETING}/links`, { role: "operator" });
  browser = await Browser.start(folder, { tone: HZ, amplitude: 8000 });
  await browser.context.addInitScript(keepSocket);
  operator = await browser.join(url);
});

after(async () => {
  await browser?.stop();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const rows = () => operator.locator(".wall-row");
const row = (name) => operator.locator(".wall-row", { hasText: name });
const count = (words) => operator.getByRole("button", { name: words });
const layouts = async () => (await server.get(`/api/v1/meetings/${MEETING}/journal.jsonl`)).trim().split("\n")
  .map((line) => JSON.parse(line)).filter(({ type }) => type === "layout.changed");
const tab = (name) => operator.getByRole("tab", { name }).click();

test("all rooms are counted, and only those in sight are in the page", async () => {
  await count(`${ROOMS + 3} Chưa vào`).waitFor();
  assert.ok(await rows().count() < 40, "the page holds rows that nobody sees");
  await operator.locator(".wall-box").evaluate((box) => { box.scrollTop = box.scrollHeight; });
  await row(`Xã số ${ROOMS - 1}`).waitFor();
  await operator.locator(".wall-box").evaluate((box) => { box.scrollTop = 0; });
});

test("a room that comes is well, and one that is lost stands on top with the time", async () => {
  hue = await browser.join(links.hue);
  await row("Thành phố Huế").getByText("Bình thường").waitFor();
  await row("Thành phố Huế").getByText("nhipcau-web").waitFor();
  const daNang = await Line.open(server, links["da-nang"]);
  await row("Thành phố Đà Nẵng").getByText("Chưa có âm thanh").waitFor();
  daNang.socket.terminate();
  await row("Thành phố Đà Nẵng").getByText(/Mất kết nối từ \d\d:\d\d/).waitFor();
  assert.match(await rows().first().textContent(), /Đà Nẵng/);
  await count("1 Mất kết nối").click();
  assert.equal(await rows().count(), 1);
  await count("1 Mất kết nối").click();
});

test("a room is found without diacritics, and its figures are shown", async () => {
  await operator.getByLabel("Tìm điểm cầu").fill("thanh pho hue");
  await row("Thành phố Huế").getByRole("button").click();
  await operator.locator(".facts", { hasText: /\d+ ms/ }).waitFor();
  await operator.getByLabel("Tìm điểm cầu").fill("");
});

test("the readiness table has what a line test and a person have found", async () => {
  loud = await Line.open(server, links["xa-7"]);
  await loud.call("line.result", { verdict: "usable", rtt_ms: 80, loss_up: 2 });
  await operator.getByLabel("Tìm điểm cầu").fill("xa so 7");
  await row("Xã số 7").first().getByRole("button").click();
  await operator.getByText("tạm được").first().waitFor();
  await operator.getByRole("button", { name: "Đạt: Nghe rõ" }).click();
  await operator.locator(".ticks", { hasText: "Nghe rõ: Đạt" }).waitFor();
  await tab(/Sẵn sàng/);
  await operator.locator("tr", { has: operator.getByRole("button", { name: "Xã số 7", exact: true }) }).getByText("tạm được").waitFor();
  await operator.getByLabel("Tìm điểm cầu").fill("");
});

test("an alarm of a room is told with its name at once, and kept in the book when it is over", async () => {
  // Told as the server tells it: the sound of a room without the floor is another test's.
  const tell = (kind, since) => hear(operator, "media.alarm", { site: "hue", kind, since });
  await tell("unasked", "2026-11-23T08:30:00.000000Z");
  await operator.locator(".alarm-line", { hasText: "Thành phố Huế: Có tiếng khi chưa được mời phát biểu" }).waitFor();
  await row("Thành phố Huế").getByText("Có tiếng khi chưa được mời").waitFor();
  await tell("ok", "2026-11-23T08:30:09.000000Z");
  await operator.locator(".alarm-line p").waitFor({ state: "detached" });
  await tab(/Báo động/);
  await operator.locator(".alarms li", { hasText: "15:30:00 Thành phố Huế" }).getByText("hết lúc 15:30:09").waitFor();
});

test("the rehearsal is begun from here", async () => {
  await operator.getByRole("button", { name: "Bắt đầu tổng duyệt" }).click();
  await operator.locator(".meeting-rehearsal").waitFor();
});

test("a room is looked at by this desk alone, and goes on air by a touch", async () => {
  await row("Thành phố Huế").getByRole("button").click();
  await tab(/Điểm cầu/);
  await operator.getByRole("button", { name: "Xem hình" }).click();
  await operator.getByText("XEM TRƯỚC – chỉ bàn này thấy: Thành phố Huế").or(operator.locator(".looking", { hasText: "Thành phố Huế" })).first().waitFor();
  await operator.waitForFunction(() => document.querySelector(".screen video")?.videoWidth > 0);
  assert.equal((await layouts()).length, 0);
  await operator.getByRole("button", { name: "Đưa lên hình" }).click();
  await operator.locator(".looking").waitFor({ state: "detached" });
  assert.deepEqual((await layouts()).at(-1).body.cells, ["hue"]);
  await tab(/Hình/);
  await operator.getByRole("button", { name: "Hình nhỏ mọi điểm cầu" }).click();
  await operator.locator(".looking", { hasText: "Lưới 36" }).waitFor();
  assert.deepEqual(await violations(operator), []);
  await operator.getByRole("button", { name: "Thôi xem trước" }).click();
  await operator.locator(".looking").waitFor({ state: "detached" });
});

test("a room's sound is heard apart from the meeting", async () => {
  await tab(/Điểm cầu/);
  await operator.getByRole("button", { name: "Nghe thử riêng" }).click();
  await hue.getByText("Kỹ thuật đang kiểm tra riêng").waitFor();
  await heard(operator, HZ);
  await operator.getByRole("button", { name: "Kết thúc kiểm tra" }).click();
  await hue.getByText("Kỹ thuật đang kiểm tra riêng").waitFor({ state: "detached" });
  await gone(operator, HZ);
});

test("the rehearsal is ended from here", async () => {
  await operator.getByRole("button", { name: "Kết thúc tổng duyệt" }).click();
  await operator.getByRole("dialog").getByRole("button", { name: "Kết thúc tổng duyệt" }).click();
  await operator.locator(".meeting-draft").waitFor();
});

test("a room is removed after a question", async () => {
  await tab(/Điểm cầu/);
  await operator.getByRole("button", { name: "Đưa ra khỏi phòng họp" }).click();
  await operator.getByRole("dialog").getByRole("button", { name: "Đưa ra khỏi phòng họp" }).click();
  await row("Thành phố Huế").getByText(/Mất kết nối|Chưa có âm thanh/).waitFor();
});

test("no rule of WCAG 2.2 A or AA is broken, and all is whole in every size", async () => {
  for (const [width, height] of [[1366, 768], [1920, 1080], [1180, 820], [820, 1180], [390, 844]]) {
    await operator.setViewportSize({ width, height });
    for (const name of await operator.getByRole("tab").all()) {
      await name.dispatchEvent("click");
      await isWhole(operator, `${width}, ${await name.textContent()}`);
    }
  }
  await operator.setViewportSize({ width: 1366, height: 768 });
  await operator.locator(".notice").first().waitFor({ state: "detached" });
  for (const name of await operator.getByRole("tab").all()) {
    await name.click();
    assert.deepEqual(await violations(operator), [], await name.textContent());
  }
});

test("the page ran without an error of its own", () => {
  assert.deepEqual(operator.problems.filter((problem) => !/WebSocket|ERR_|Failed to load resource/.test(problem)), []);
});

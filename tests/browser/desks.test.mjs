// A whole meeting through the pages' own buttons: the chair, the secretary, the operator and two
// rooms, each at its own desk; what each page shows, and what the journal holds at the end.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { Line } from "./desk_line.mjs";
import { Cable, HOSTILE, isWhole, violations } from "./desk_tools.mjs";
import { Browser, Server, temporaryFolder } from "./peers.mjs";

const MEETING = "hop-ban";
const SIZES = [[1366, 768], [1280, 800], [800, 1280]];
let folder, server, cable, browser, links, chair, secretary, operator, hue, daNang, caMau;

before(async () => {
  folder = temporaryFolder();
  server = await Server.start(folder);
  cable = await Cable.start(server.url);
  const made = await server.post("/api/v1/meetings", {
    meeting: MEETING, title: "Hội nghị thử các bàn", declared: true, speech_seconds: 300,
    chair: { name: "Nguyễn Văn An", post: "Phó Thủ tướng" }, secretary: { name: "Trần Thị Bình" },
    agenda: [{ id: "bao-cao", title: "Báo cáo tổng hợp" }, { id: "thao-luan", title: "Thảo luận" }],
    sites: [{ id: "chinh-phu", name: "Trụ sở Chính phủ", role: "chair" }, { id: "hue", name: "Thành phố Huế" },
      { id: "da-nang", name: "Thành phố Đà Nẵng" }, { id: "ca-mau", name: "Tỉnh Cà Mau" }],
  });
  links = Object.fromEntries(made.links.map((link) => [link.site ?? link.role, link.url]));
  browser = await Browser.start(folder);
  caMau = await Line.open(server, links["ca-mau"]);
  chair = await browser.join(cable.link(links["chinh-phu"]));
  secretary = await browser.join(cable.link(links.secretary));
  const { url } = await server.post(`/api/v1/meetings/${MEETING}/links`, { role: "operator" });
  operator = await browser.join(cable.link(url));
  hue = await browser.join(cable.link(links.hue));
  daNang = await browser.join(cable.link(links["da-nang"]));
});

after(async () => {
  await browser?.stop();
  await cable?.stop();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const button = (page, name) => page.getByRole("button", { name, exact: true });
const tab = (page, name) => page.getByRole("tab", { name }).click();
const course = (text) => secretary.locator(".course-list", { hasText: text }).waitFor();

async function journal() {
  const text = await server.get(`/api/v1/meetings/${MEETING}/journal.jsonl`);
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

// Waits until the journal holds an event that fits, and gives it.
async function written(type, fits = () => true) {
  for (let tries = 0; tries < 200; tries++) {
    const found = (await journal()).findLast((event) => event.type === type && fits(event.body));
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the journal has no such ${type}`);
}

async function ask(page, topic) {
  await page.getByRole("button", { name: "Đăng ký phát biểu" }).click();
  await page.getByLabel("Nội dung phát biểu").fill(topic);
  await page.getByRole("button", { name: "Gửi đăng ký" }).click();
}

test("the secretary calls the roll, and the chair opens the meeting", async () => {
  await tab(secretary, /Điểm danh/);
  await button(secretary, "Bắt đầu điểm danh").click();
  await secretary.getByRole("group", { name: "Thành phố Huế" }).getByRole("button", { name: "Trực tuyến" }).click();
  await secretary.getByRole("group", { name: "Tỉnh Cà Mau" }).getByRole("button", { name: "Vắng" }).click();
  await secretary.getByLabel("Lý do vắng: Tỉnh Cà Mau").fill("Bão số 12");
  await secretary.getByLabel("Lý do vắng: Tỉnh Cà Mau").press("Tab");
  await written("rollcall.answered", (body) => body.why === "Bão số 12");
  await tab(chair, /Điểm danh/);
  await chair.locator('[data-count="absent"]', { hasText: "1" }).waitFor();
  await button(secretary, "Kết thúc điểm danh").click();
  const { body } = await written("rollcall.closed");
  assert.deepEqual(body.counts, { "in-person": 0, online: 1, absent: 1, uncalled: 2 });
  await button(chair, "Khai mạc").click();
  await course("Khai mạc hội nghị");
  await tab(chair, /Chương trình/);
  await button(chair, "Bắt đầu: Báo cáo tổng hợp").click();
  await chair.getByText("Đang thực hiện").waitFor();
});

test("a room asks, the chair grants by one touch, and every desk shows it", async () => {
  await ask(hue, "Một cửa liên thông");
  await chair.locator("[data-request]", { hasText: "Một cửa liên thông" }).waitFor();
  await button(chair, "Mời Thành phố Huế phát biểu").click();
  await chair.locator('[data-holder="hue"]').waitFor();
  await hue.getByText("ĐANG LÊN SÓNG").first().waitFor();
  await course("Mời Thành phố Huế phát biểu: Một cửa liên thông");
});

test("the chair extends, reminds, stops after a question, and takes the stop back", async () => {
  await button(chair, "+2 phút").click();
  assert.equal((await written("floor.extended")).body.seconds, 420);
  await button(chair, "Nhắc kết luận").click();
  assert.equal((await written("message.sent")).body.to, "hue");
  await button(chair, "Dừng ngay").click();
  await chair.getByRole("dialog").getByRole("button", { name: "Không" }).click();
  await chair.locator('[data-holder="hue"]').waitFor();
  await button(chair, "Dừng ngay").click();
  await chair.getByRole("dialog").getByRole("button", { name: "Dừng ngay" }).click();
  await written("floor.revoked");
  await button(chair, "Mời lại").click();
  await chair.locator('[data-holder="hue"]').waitFor();
});

test("who waits is put later, denied, prepared, and follows the speaker by one touch", async () => {
  await ask(daNang, "Hạ tầng số");
  await caMau.call("floor.request", { topic: "Sạt lở bờ biển" });
  await button(chair, "Để sau: Thành phố Đà Nẵng").click();
  await written("floor.deferred");
  await button(chair, "Báo chuẩn bị: Tỉnh Cà Mau").click();
  await chair.locator(".upcoming", { hasText: "Đã báo chuẩn bị" }).waitFor();
  await button(chair, "Cảm ơn, mời Tỉnh Cà Mau").click();
  await chair.locator('[data-holder="ca-mau"]').waitFor();
  await button(chair, "Từ chối đăng ký của Thành phố Đà Nẵng").click();
  await chair.getByText("Chưa có điểm cầu đăng ký").waitFor();
  await button(chair, "Cảm ơn, kết thúc lượt").click();
  await chair.getByText("Chưa mời điểm cầu nào phát biểu").waitFor();
});

test("a room is found without diacritics and invited unasked", async () => {
  await tab(chair, /Điểm cầu/);
  await chair.getByLabel("Tìm điểm cầu").fill("da nang");
  await button(chair, "Mời phát biểu: Thành phố Đà Nẵng").click();
  await daNang.getByText("ĐANG LÊN SÓNG").first().waitFor();
  await button(chair, "Cảm ơn, kết thúc lượt").click();
});

test("a mark of the chair becomes a directive with its agency and its date at the secretary's desk", async () => {
  await button(chair, "Đánh dấu chỉ đạo").click();
  await secretary.locator(".course-list", { hasText: "chưa ghi nội dung" }).waitFor();
  await tab(secretary, /Ghi chép/);
  await button(secretary, "Sửa: d1").click();
  const form = secretary.locator('[data-directive="d1"]');
  await form.getByLabel("Nội dung chỉ đạo").fill("Rà soát thủ tục hành chính.");
  await form.getByLabel("Cơ quan chủ trì").fill("bo noi vu");
  await button(form, "Bộ Nội vụ").click();
  await form.getByLabel("Thời hạn").fill("2026-12-31");
  await button(form, "Lưu").click();
  const { body } = await written("directive.amended");
  assert.equal(body.lead, "bo-noi-vu");
  await tab(chair, /Chỉ đạo/);
  await chair.locator('[data-directive="d1"]', { hasText: "31/12/2026" }).waitFor();
});

test("a vote shows its ballots as they come, and its result when it is closed", async () => {
  await tab(chair, /Biểu quyết/);
  await chair.getByLabel("Nội dung biểu quyết").fill("Thông qua nghị quyết?");
  await button(chair, "Mở biểu quyết").click();
  await written("vote.opened");
  await caMau.call("vote.cast", { vote: "v1", choice: "for" });
  await chair.getByText("1/4 điểm cầu đã biểu quyết").waitFor();
  await button(chair, "Tán thành").click();
  await chair.getByText("2/4 điểm cầu đã biểu quyết").waitFor();
  await button(chair, "Kết thúc biểu quyết").click();
  await chair.getByRole("dialog").getByRole("button", { name: "Kết thúc biểu quyết" }).click();
  assert.deepEqual((await written("vote.closed")).body.counts, { for: 2, against: 0, other: 0, none: 2 });
  await course("Kết quả biểu quyết: Tán thành 2");
});

test("the secretary notes, corrects a name, and the rooms' opinions in writing are shown", async () => {
  await tab(secretary, /Ghi chép/);
  await secretary.getByLabel("Ghi chú", { exact: true }).fill("Bộ Nội vụ gửi bổ sung số liệu.");
  await button(secretary, "Ghi vào biên bản").click();
  await course("Ghi chú: Bộ Nội vụ gửi bổ sung số liệu.");
  await tab(secretary, /Thành phần/);
  await button(secretary, "Sửa: Thành phố Huế").click();
  await secretary.getByLabel("Họ tên").fill("Nguyễn Văn Phương");
  await secretary.getByLabel("Chức vụ").fill("Chủ tịch UBND");
  await button(secretary, "Lưu").click();
  assert.equal((await written("roster.changed")).body.people[0].post, "Chủ tịch UBND");
  await button(chair, "Đề nghị gửi ý kiến viết").click();
  await chair.getByRole("dialog").getByRole("button", { name: "Đề nghị gửi ý kiến viết" }).click();
  await written("message.sent", (body) => body.to === null);
  await caMau.call("opinion.submit", { text: "Đề nghị bổ sung vốn." });
  await tab(chair, /Ý kiến viết/);
  await chair.getByText("Đề nghị bổ sung vốn.").waitFor();
});

test("a consult, a recess, and handing the meeting over are shown and end", async () => {
  await button(chair, "Hội ý riêng").click();
  await chair.getByRole("dialog").getByRole("button", { name: "Hội ý với thư ký" }).click();
  await button(secretary, "Kết thúc hội ý").click();
  const { body } = await written("consult.opened");
  assert.deepEqual([body.sites, body.accounts.length], [["chinh-phu"], 1]);
  await button(chair, "Hội ý riêng").click();
  await chair.getByRole("dialog").getByRole("button", { name: "Hội ý riêng với Thành phố Huế" }).click();
  await secretary.getByText("Đang hội ý riêng").waitFor();
  await button(chair, "Kết thúc hội ý").click();
  await written("consult.closed");
  await button(chair, "Giải lao").click();
  await chair.getByRole("dialog").getByRole("button", { name: "Giải lao" }).click();
  await secretary.locator(".meeting-paused").waitFor();
  await button(chair, "Họp tiếp").click();
  await tab(chair, /Điểm cầu/);
  await chair.getByLabel("Tìm điểm cầu").fill("hue");
  await button(chair, "Giao điều hành: Thành phố Huế").click();
  await chair.getByRole("dialog").getByRole("button", { name: "Giao điều hành" }).click();
  await hue.getByText("Bàn chủ tọa").waitFor();
  await button(chair, "Lấy lại quyền điều hành").click();
  await hue.getByText("Bàn chủ tọa").waitFor({ state: "detached" });
});

test("the chair turns its own microphone off and on, and sees a word that is meant for it", async () => {
  await button(chair, "Tắt micrô").click();
  assert.equal((await written("site.muted")).body.site, "chinh-phu");
  await button(chair, "Bật micrô").click();
  await written("site.unmuted");
  await caMau.call("message.send", { text: "Xin cho phát biểu sớm", to: "chinh-phu" });
  await chair.locator(".notice", { hasText: "Xin cho phát biểu sớm" }).waitFor();
});

test("the operator sees every room, turns a microphone off, writes to a room, and lays the picture out", async () => {
  const row = (name) => operator.locator(".wall-row", { hasText: name });
  await row("Thành phố Huế").getByText("Bình thường").waitFor();
  await row("Thành phố Huế").getByRole("button").click();
  await operator.locator(".facts", { hasText: "nhipcau-web" }).waitFor();
  await button(operator, "Tắt micrô").click();
  assert.equal((await written("site.muted")).body.site, "hue");
  await button(operator, "Hoàn tác").click();
  await written("site.unmuted", (body) => body.site === "hue");
  await operator.getByLabel("Nhắn Thành phố Huế").fill("Xin nói gần micrô hơn");
  await button(operator, "Gửi").click();
  await hue.getByText("Xin nói gần micrô hơn").first().waitFor();
  await tab(operator, /Hình/);
  await operator.getByLabel("Bố cục hình ảnh").selectOption("mosaic_9");
  assert.equal((await written("layout.changed")).body.layout, "mosaic_9");
  await operator.getByLabel("Bố cục hình ảnh").selectOption("auto");
});

test("when somebody else was faster, the desk says what really happened", async () => {
  const { request } = await caMau.call("floor.request", { topic: "Tranh chấp" });
  await chair.locator(`[data-request="${request}"]`).waitFor();
  // The room takes its request back in the moment in which the chair grants it.
  await chair.evaluate((name) => {
    const found = [...document.querySelectorAll("button")].find((each) => each.getAttribute("aria-label") === name);
    window.grantLater = () => found.click();
  }, "Mời Tỉnh Cà Mau phát biểu");
  await caMau.call("floor.cancel", { request });
  await chair.evaluate(() => window.grantLater());
  await chair.getByText(/Chưa thực hiện được, vì vừa rồi: .*Tỉnh Cà Mau rút đăng ký/).waitFor();
});

test("hostile texts in every field are texts, and the layout stays whole", async () => {
  await tab(secretary, /Ghi chép/);
  for (const text of HOSTILE) {
    await secretary.getByLabel("Ghi chú", { exact: true }).fill(text);
    await button(secretary, "Ghi vào biên bản").click();
    await secretary.locator(".tabs > [role=tabpanel] > .directive-form").getByLabel("Nội dung chỉ đạo").fill(text);
    await button(secretary, "Ban hành chỉ đạo").click();
    await caMau.call("opinion.submit", { text: text.normalize("NFC"), speaker: text.normalize("NFC").slice(0, 190) }).catch(() => undefined);
    const asked = await caMau.call("floor.request", { topic: text.normalize("NFC"), speaker: text.normalize("NFC").slice(0, 190) }).catch(() => null);
    for (const page of [chair, secretary, operator]) await isWhole(page, text.slice(0, 20));
    if (asked) await caMau.call("floor.cancel", { request: asked.request });
  }
  await tab(secretary, /Thành phần/);
  await button(secretary, "Sửa: Tỉnh Cà Mau").click();
  await secretary.getByLabel("Họ tên").fill(HOSTILE[0]);
  await secretary.getByLabel("Chức vụ").fill(HOSTILE[2]);
  await button(secretary, "Lưu").click();
  await written("roster.changed", (body) => body.site === "ca-mau");
  await tab(secretary, /Ghi chép/);
  await secretary.getByLabel("Ghi chú", { exact: true }).evaluate((field) => { field.maxLength = 20000; });
  await secretary.getByLabel("Ghi chú", { exact: true }).fill("x".repeat(10_000));
  await button(secretary, "Ghi vào biên bản").click();
  await secretary.getByText(/Nội dung chưa hợp lệ/).waitFor();
  for (const [width, height] of SIZES) {
    for (const page of [chair, secretary, operator]) {
      await page.setViewportSize({ width, height });
      for (const name of await page.getByRole("tab").all()) {
        await name.dispatchEvent("click");
        await isWhole(page, `${width}, ${await name.textContent()}`);
      }
    }
  }
});

test("no rule of WCAG 2.2 A or AA is broken on any tab, in both languages", async () => {
  for (const page of [chair, secretary, operator]) {
    // Where the whole page scrolls its foot lies over whatever is scrolled there, as may a notice.
    await page.setViewportSize({ width: 1366, height: 768 });
    await page.locator(".notice").first().waitFor({ state: "detached" });
    for (const language of ["vi", "en"]) {
      for (const name of await page.getByRole("tab").all()) {
        await name.click();
        assert.deepEqual(await violations(page), [], `${language}, ${await name.textContent()}`);
      }
      await page.getByRole("button", { name: language === "vi" ? "English" : "Tiếng Việt" }).click();
    }
  }
});

test("a line that is cut for ten seconds is shown at once, and heals", async () => {
  cable.cut();
  for (const page of [chair, secretary, operator]) await page.getByText(/Mất kết nối máy chủ/).waitFor({ timeout: 2000 });
  await caMau.call("floor.request", { topic: "Trong lúc mất kết nối" });
  await button(chair, "Đánh dấu chỉ đạo").click();
  await chair.getByText(/Chưa gửi được vì mất kết nối/).waitFor();
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  cable.mend();
  for (const page of [chair, secretary, operator]) await page.locator(".line-open").waitFor();
  await chair.locator("[data-request]", { hasText: "Trong lúc mất kết nối" }).waitFor();
  await course("Trong lúc mất kết nối");
});

test("a line that dies without a word is found out, and heals", async () => {
  cable.freeze();
  for (const page of [chair, secretary, operator]) await page.getByText(/Mất kết nối máy chủ/).waitFor({ timeout: 10_000 });
  cable.mend();
  for (const page of [chair, secretary, operator]) await page.locator(".line-open").waitFor();
});

test("signaling killed under the pages is shown at once, and heals once it is back", async () => {
  server.child.kill("SIGKILL");
  for (const page of [chair, secretary, operator]) await page.getByText(/Mất kết nối máy chủ/).waitFor({ timeout: 2000 });
  server = await Server.start(folder);
  cable.plug(server.url);
  for (const page of [chair, secretary, operator]) await page.locator(".line-open").waitFor();
  await button(chair, "Từ chối đăng ký của Tỉnh Cà Mau").click();
  await written("floor.denied", (body) => body.site === "ca-mau");
});

test("the close lists the directives that lack something, and asks", async () => {
  await button(chair, "Bế mạc").click();
  await chair.getByRole("dialog").getByText("thiếu chủ trì, thiếu thời hạn").first().waitFor();
  assert.deepEqual(await violations(chair), []);
  await chair.getByRole("dialog").getByRole("button", { name: "Vẫn bế mạc" }).click();
  await chair.getByText("Hội nghị đã bế mạc.").waitFor();
  await secretary.getByText("Hội nghị đã bế mạc.").waitFor();
  await written("meeting.closed");
});

test("the pages ran without an error of their own", () => {
  const own = (problem) => !/WebSocket|ERR_|Failed to load resource/.test(problem);
  for (const page of [chair, secretary, operator, hue, daNang]) assert.deepEqual(page.problems.filter(own), []);
});

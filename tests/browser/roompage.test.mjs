// A room's page through its own buttons, with fake devices, in every main state, in both languages.
// NHIPCAU_SHOTS=FOLDER keeps a picture of each.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { Line } from "./desk_line.mjs";
import { Cable, isWhole, violations } from "./desk_tools.mjs";
import { Browser, Server, temporaryFolder } from "./peers.mjs";

const FIRST_LOAD_MAX = 100_000;
const SIZES = [[1366, 768], [1920, 1080], [1280, 800], [800, 1280]];
const shots = process.env.NHIPCAU_SHOTS;

let folder, server, cable, browser, chair, secretary, page, links;

before(async () => {
  folder = temporaryFolder();
  server = await Server.start(folder);
  cable = await Cable.start(server.url);
  const made = await server.post("/api/v1/meetings", {
    meeting: "hop-phong", title: "Hội nghị trực tuyến toàn quốc về nâng cao chất lượng giải quyết thủ tục hành chính", declared: true, lobby: true,
    starts: "2026-11-24T01:00:00Z", chair: { name: "Nguyễn Văn An" }, secretary: { name: "Trần Thị Bình" },
    agenda: [{ id: "bao-cao", title: "Báo cáo tổng hợp" }, { id: "thao-luan", title: "Thảo luận" }],
    sites: [{ id: "chinh-phu", name: "Điểm cầu Chính phủ", role: "chair" },
      { id: "da-nang", name: "Thành phố Đà Nẵng", people: [{ name: "Trần Văn Tân", post: "Phó Chủ tịch UBND thành phố" }] },
      { id: "hue", name: "Thành phố Huế" }, { id: "ca-mau", name: "Tỉnh Cà Mau" }],
  });
  links = Object.fromEntries(made.links.map((link) => [link.site ?? link.role, link.url]));
  [chair, secretary] = await Promise.all([Line.open(server, links["chinh-phu"]), Line.open(server, links.secretary)]);
  browser = await Browser.start(folder, { tone: 500, amplitude: 8000 });
  page = await browser.context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (message) => { if (message.type() === "error") page.problems.push(message.text()); });
});

after(async () => {
  await browser?.stop();
  await cable?.stop();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const button = (name) => page.getByRole("button", { name, exact: true });

// A main state: accessible and whole at every size, in both languages.
async function state(name) {
  for (const language of ["vi", "en"]) {
    const [width, height] = SIZES[0];
    await page.setViewportSize({ width, height });
    assert.deepEqual(await violations(page), [], `${name} in ${language}`);
    for (const [wide, high] of SIZES) {
      await page.setViewportSize({ width: wide, height: high });
      await isWhole(page, `${name} in ${language} at ${wide}`);
      if (shots) await page.screenshot({ path: path.join(shots, `${name}-${language}-${wide}.png`) });
    }
    const to = language === "vi" ? "English" : "Tiếng Việt";
    // Under an open dialog the switch cannot be pressed by a person.
    await page.evaluate((label) => [...document.querySelectorAll("button")]
      .find((one) => one.textContent === label)?.click(), to);
    await page.locator(`html[lang=${language === "vi" ? "en" : "vi"}]`).waitFor();
  }
  await page.setViewportSize({ width: SIZES[0][0], height: SIZES[0][1] });
}

test("who joins sees the meeting, the room, the camera's picture and the microphone's level", async () => {
  await page.goto(cable.link(links["da-nang"]));
  await page.getByRole("heading", { name: /nâng cao chất lượng/ }).waitFor();
  await page.getByText("Thành phố Đà Nẵng").waitFor();
  await page.waitForFunction(() => document.querySelector(".preview video")?.videoWidth > 0);
  await page.getByRole("combobox", { name: /^Micrô/ }).waitFor();
  await page.waitForFunction(() => {
    const { data } = document.querySelector(".meter").getContext("2d").getImageData(0, 5, 40, 1);
    return data.some((value) => value > 0);
  });
  await button("Thử loa").click();
  await button("Thử loa").waitFor();
  await state("join");
});

test("a line test before the meeting tells its verdict and keeps it", async () => {
  await button("Thử đường truyền").click();
  await page.locator('[data-sound="connected"]').waitFor();
  await page.getByLabel("Người thử (không bắt buộc)").fill("Lê Kỹ Thuật");
  await button("Bắt đầu thử").click();
  await page.locator("[data-verdict]").waitFor();
  await page.getByText("Kết quả đã được ghi vào bảng sẵn sàng.").waitFor();
  const { sites } = JSON.parse(await server.get("/api/v1/meetings/hop-phong/readiness.json", secretary.token));
  const { line } = sites.find(({ site }) => site === "da-nang");
  assert.equal(line.tester, "Lê Kỹ Thuật");
  for (const field of ["rtt_ms", "loss_up", "loss_down", "jitter_up_ms", "jitter_down_ms", "up_kbps", "down_kbps"])
    assert.equal(typeof line[field], "number", field);
  assert.ok(line.up_kbps > 0 && line.down_kbps > 0);
  assert.ok(!line.advice.includes("microphone-silent"));
  await state("line-test");
  await page.getByRole("dialog").getByRole("button", { name: "Đóng" }).click();
});

test("a room waits in the lobby until it is admitted, and for the opening", async () => {
  await page.getByText("Đang ở phòng chờ").waitFor();
  await state("lobby");
  await chair.call("site.admit", { all: true });
  await page.getByText("Hội nghị chưa khai mạc").waitFor();
  await state("draft");
  await chair.call("meeting.rehearse");
  await page.getByText("TỔNG DUYỆT – chưa vào biên bản").waitFor();
  await chair.call("meeting.open");
  await page.getByText("Đang họp").waitFor();
});

test("the roll is answered with who is present", async () => {
  await secretary.call("rollcall.start");
  await page.getByText("Xin xác nhận điểm cầu có mặt").waitFor();
  await state("rollcall");
  await page.getByLabel(/Người có mặt/).fill("Trần Văn Tân, Phó Chủ tịch\nLê Thị Hoa");
  await button("Có mặt trực tuyến").click();
  const { body } = await chair.event("rollcall.answered");
  assert.deepEqual([body.answer, body.present], ["online", ["Trần Văn Tân, Phó Chủ tịch", "Lê Thị Hoa"]]);
  await secretary.call("rollcall.close");
});

test("a room asks by keys alone, and sees its place", async () => {
  const hue = await Line.open(server, links.hue);
  await chair.call("site.admit", { site: "hue" });
  await hue.call("floor.request", { topic: "Một cửa", speaker: "Lê Văn A" });
  await page.locator("body").press("ArrowDown");
  for (let tries = 0; tries < 12 && await page.evaluate(() => document.activeElement?.textContent) !== "Đăng ký phát biểu"; tries++)
    await page.keyboard.press(tries < 6 ? "ArrowDown" : "ArrowLeft");
  await page.keyboard.press("Enter");
  await page.getByLabel("Nội dung phát biểu").fill("Một cửa liên thông");
  await page.getByLabel("Hình thức").selectOption("prepared");
  await page.getByLabel("Mục chương trình").selectOption("thao-luan");
  await state("ask");
  await button("Gửi đăng ký").click();
  await page.getByText("Thứ tự chờ của điểm cầu: 2").waitFor();
  const { body } = await chair.event("floor.requested", (event) => event.body.site === "da-nang");
  assert.deepEqual([body.speaker, body.kind, body.item, body.topic],
    ["Trần Văn Tân", "prepared", "thao-luan", "Một cửa liên thông"]);
  await chair.call("floor.grant", { site: "hue", seconds: 300 });
  await chair.call("floor.prepare", { request: body.request });
  await page.getByText("sắp đến lượt điểm cầu").waitFor();
  await state("waiting");
  await hue.call("floor.release");
  await hue.close();
});

test("on air is unmistakable, sends the picture, and warns of the time", async () => {
  await page.waitForFunction(() => document.querySelector(".program video")?.videoWidth > 0).catch(() => undefined);
  const { request } = await chair.call("floor.grant", { site: "da-nang", seconds: 180 });
  await page.getByText("ĐANG LÊN SÓNG").waitFor();
  await page.locator(".air-frame").waitFor();
  await page.waitForFunction(() => document.querySelector(".program video")?.videoWidth > 0);
  await state("on-air");
  await button("Tắt micrô").click();
  await page.getByText("MICRÔ ĐANG TẮT").waitFor();
  await state("muted");
  await button("Bật micrô").click();
  await chair.call("floor.revoke", { request, why: "Hết thời gian" });
  await page.getByText("Chủ tọa đã dừng phát biểu: Hết thời gian").waitFor();
  await chair.call("floor.grant", { site: "da-nang", seconds: 30 });
  await page.getByText("Còn một phút. Xin đồng chí kết luận.").waitFor();
  await state("ending");
  await button("Kết thúc phát biểu").click();
  await page.locator(".air-frame").waitFor({ state: "detached" });
});

test("a room votes after a second press, and sees the result", async () => {
  const { vote } = await chair.call("vote.open", { question: "Thông qua dự thảo nghị quyết của hội nghị?", seconds: 300 });
  await button("Tán thành").waitFor();
  await state("vote");
  await button("Tán thành").click();
  await button("Xác nhận: Tán thành").click();
  await page.getByText("Đã biểu quyết. Chờ kết quả.").waitFor();
  await chair.call("vote.close", { vote });
  await page.getByText("Kết quả biểu quyết").waitFor();
  await state("vote-result");
  await page.getByRole("region", { name: "Kết quả biểu quyết" }).getByRole("button", { name: "Đóng" }).click();
});

test("messages go to and fro, and an opinion in writing is handed in", async () => {
  await chair.call("message.send", { to: "da-nang", text: "Xin kiểm tra micrô của điểm cầu" });
  await page.getByText("Xin kiểm tra micrô của điểm cầu").waitFor();
  await state("message");
  await button("Đã đọc").click();
  await button("Tin nhắn: 1").click();
  await page.getByLabel("Nhắn kỹ thuật hội nghị").fill("Hình bị giật");
  await button("Gửi tin nhắn").click();
  await chair.event("message.sent", ({ body }) => body.text === "Hình bị giật");
  await button("Gửi ý kiến viết").click();
  await page.getByLabel("Nội dung ý kiến").fill("Đề nghị bổ sung hướng dẫn.");
  await page.getByRole("dialog").getByRole("button", { name: "Gửi ý kiến viết" }).click();
  await chair.event("opinion.submitted");
});

test("a recess and a consult are told", async () => {
  await chair.call("consult.open", { sites: ["hue"] });
  await page.getByText("Chủ tọa đang hội ý riêng").waitFor();
  await state("others-consult");
  await chair.call("consult.close");
  await chair.call("meeting.pause");
  await page.getByText("Micrô và hình của mọi điểm cầu đang đóng.").waitFor();
  await state("recess");
  await chair.call("meeting.resume");
});

test("a lost line is shown at once, nothing stands as live, and it heals", async () => {
  await chair.call("floor.grant", { site: "da-nang" });
  await page.locator(".air-frame").waitFor();
  cable.cut();
  await page.getByText("MẤT KẾT NỐI", { exact: true }).waitFor();
  assert.equal(await page.locator(".air-frame").count(), 0, "shown as on air over a lost line");
  assert.equal(await page.locator("[data-holder]").count(), 0, "a speaker shown over a lost line");
  await state("lost");
  cable.mend();
  await page.locator(".air-frame").waitFor();
  await page.getByText("MẤT KẾT NỐI", { exact: true }).waitFor({ state: "detached" });
  page.problems = page.problems.filter((problem) => !/WebSocket|ERR_/.test(problem));
});

test("the close is told, and the page gives no further button", async () => {
  await chair.call("meeting.close", { unfinished: true });
  await page.getByText("Xin cảm ơn. Có thể đóng trang này.").waitFor();
  await state("closed");
});

test("the page had no error of its own", () => {
  assert.deepEqual(page.problems, []);
});

test("the first load of a room's page stays under its limit", () => {
  const web = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../build/web");
  const needed = new Set(["index.html", "style.css", "main.js"]);
  const follow = (file) => {
    for (const [, name] of readFileSync(path.join(web, file), "utf8").matchAll(/["']\.\/(chunk-[\w-]+\.js)["']/g)) {
      const isOther = /chunk-(Chair|Secretary|Operator)Desk/.test(name);
      if (!isOther && !needed.has(name)) {
        needed.add(name);
        follow(name);
      }
    }
  };
  follow("main.js");
  assert.ok([...needed].some((name) => name.startsWith("chunk-RoomPage")), [...needed].join(" "));
  assert.ok(readdirSync(web).length > needed.size);
  const bytes = [...needed].reduce((sum, file) => sum + gzipSync(readFileSync(path.join(web, file))).length, 0);
  assert.ok(bytes < FIRST_LOAD_MAX, `${bytes} bytes compressed`);
});

// The administration through its own buttons: signing in, meetings by form, list and file, links and
// their printed sheet, accounts. NHIPCAU_SHOTS=FOLDER keeps a picture of each state.
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import decodeQr from "jsqr";
import { HOSTILE, isWhole, violations } from "./desk_tools.mjs";
import { Browser, Server, temporaryFolder } from "./peers.mjs";

const SIZES = [[1366, 768], [1920, 1080], [1180, 820]];
const LONG = "Hội nghị ".repeat(2000);
const shots = process.env.NHIPCAU_SHOTS;
let folder, server, browser, page;

before(async () => {
  folder = temporaryFolder();
  server = await Server.start(folder);
  browser = await Browser.start(folder);
  await browser.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  page = await browser.context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== server.url) page.problems.push(request.url());
  });
  await page.goto(`${server.url}/admin`);
});

after(async () => {
  await browser?.stop();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const button = (name) => page.getByRole("button", { name, exact: typeof name === "string" });
const field = (name) => page.locator("input, textarea, select").and(page.getByLabel(name, { exact: true }));
const tab = (name) => page.getByRole("tab", { name }).click();

// A main state: accessible and whole at every size, in both languages.
async function state(name) {
  for (const language of ["vi", "en"]) {
    await page.setViewportSize({ width: 1366, height: 768 });
    assert.deepEqual(await violations(page), [], `${name} in ${language}`);
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height });
      await isWhole(page, `${name} in ${language} at ${width}`);
      if (shots) await page.screenshot({ path: path.join(shots, `${name}-${language}-${width}.png`) });
    }
    await button(language === "vi" ? "English" : "Tiếng Việt").click();
  }
}

test("a wrong password is told, the right one opens the page", async () => {
  await state("admin-signin");
  await field("Tài khoản").fill("operator");
  await field("Mật khẩu").fill("không phải");
  await button("Đăng nhập").click();
  await page.getByRole("alert").getByText("không đúng").waitFor();
  await field("Mật khẩu").fill(readFileSync(path.join(folder, "operator-secret"), "utf8").trim());
  await button("Đăng nhập").click();
  await page.getByText("Chưa có cuộc họp nào.").waitFor();
  await page.reload(); // this tab stays signed in
  await page.getByText("Chưa có cuộc họp nào.").waitFor();
});

async function fillForm(title) {
  await button("Lập cuộc họp").click();
  await field("Tên cuộc họp").fill(title);
  await field("Chủ trì").fill("Nguyễn Văn An");
  await field("Thư ký").fill("Trần Thị Bình");
  await page.getByText("Cuộc họp không có nội dung bí mật nhà nước").click();
}

test("a meeting of the 34 provinces is made by the form, looked over first", async () => {
  await fillForm("Hội nghị trực tuyến toàn quốc về cải cách thủ tục hành chính");
  await field("Bắt đầu (giờ Việt Nam)").fill("2026-12-01T08:00");
  await field("Chương trình").fill("Khai mạc\nBáo cáo tổng hợp | Lê Văn Cường | 20");
  await button("Xem lại").click();
  await page.getByRole("alert").getByText("Chưa có điểm cầu nào.").waitFor();
  await button("34 tỉnh, thành phố").click();
  await page.getByText("34 điểm cầu", { exact: true }).waitFor();
  await button("34 tỉnh, thành phố").click(); // twice is not 68
  await field("Thêm điểm cầu theo tên").fill("quang nam");
  await button(/Đà Nẵng.*Quảng Nam/).waitFor(); // a former name finds what it is now
  await field("Thêm điểm cầu theo tên").fill("Trụ sở Chính phủ");
  await button("Thêm đúng như đã viết: Trụ sở Chính phủ").click();
  await page.getByText("35 điểm cầu", { exact: true }).waitFor();
  await button("Xem lại").click();
  await page.getByRole("alert").getByText("Chưa chọn điểm cầu chủ trì.").waitFor();
  await page.getByRole("radio", { name: /Trụ sở Chính phủ/ }).check();
  await state("admin-form");
  await button("Xem lại").click();
  await page.locator(".facts").getByText("35 điểm cầu").waitFor();
  await state("admin-review");
  await button("Lập cuộc họp này").click();
  await button("Phiếu mời để in (36)").waitFor(); // the rooms and the secretary
  const [meeting] = JSON.parse(await server.get("/api/v1/meetings"));
  const minutes = JSON.parse(await server.get(`/api/v1/meetings/${meeting.id}/minutes.json`));
  assert.equal(minutes.attendance.length, 35);
  assert.equal(minutes.agenda[1].title, "Báo cáo tổng hợp");
  await state("admin-meeting");
});

const scan = () => page.evaluate(async () => {
  const svg = document.querySelector(".link-card svg").cloneNode(true);
  svg.setAttribute("width", "400");
  svg.setAttribute("height", "400");
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: 400, height: 400 });
  const paper = canvas.getContext("2d");
  paper.drawImage(image, 0, 0);
  return [...paper.getImageData(0, 0, 400, 400).data];
});

test("the printed sheet has a card a room, whose QR code is its link", async () => {
  await button("Phiếu mời để in (36)").click();
  const card = page.locator(".link-card").first();
  const url = await card.locator(".link-card-url").textContent();
  const room = await card.locator(".link-card-room").textContent();
  const { data } = decodeQr(Uint8ClampedArray.from(await scan()), 400, 400);
  assert.equal(data, url);
  assert.ok(room.length > 0);
  await state("admin-sheet");
  await page.emulateMedia({ media: "print" });
  if (shots) await page.pdf({ path: path.join(shots, "sheet.pdf"), preferCSSPageSize: true });
  await isWhole(page, "the sheet in print");
  await page.emulateMedia({ media: null });
  await button("Quay lại").click();
});

test("a link that is revoked opens nothing any more, a new one does", async () => {
  const row = page.locator("tr", { hasText: "Thành phố Huế" }).first();
  await row.getByRole("button", { name: /Sao chép/ }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const key = new URL(link).pathname.split("/").at(-1);
  await server.post("/api/v1/join", { key });
  await row.getByRole("button", { name: /Thu hồi/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Thu hồi" }).click();
  await page.locator("tr", { hasText: "Thành phố Huế" }).waitFor({ state: "detached" });
  await assert.rejects(server.post("/api/v1/join", { key }), /401/);
});

test("a file's fault is told with its line and column; mended it is taken", async () => {
  await button("Quay lại").click();
  await fillForm("Họp theo tệp");
  const file = path.join(folder, "diem-cau.csv");
  const input = page.locator("input[type=file]");
  writeFileSync(file, "name,role\nTrụ sở Chính phủ,chair\nThành phố Huế,truong\n");
  await input.setInputFiles(file);
  await page.getByRole("alert").getByText(/diem-cau\.csv.*3.*role/).waitFor();
  await state("admin-file-fault");
  writeFileSync(file, "name,role,people\nTrụ sở Chính phủ,chair,\nThành phố Huế,site,Lê Thị Hoa (Chủ tịch)\n");
  await input.setInputFiles(file);
  await page.getByText("2 điểm cầu", { exact: true }).waitFor();
  const json = path.join(folder, "diem-cau.json");
  writeFileSync(json, "{\"sites\": [{\"id\": \"x\"}]}");
  await input.setInputFiles(json);
  await page.getByRole("alert").getByText(/diem-cau\.json: \[0\]\.name/).waitFor();
  writeFileSync(json, "[{\"name\": \"Tỉnh Cà Mau\"}]");
  await input.setInputFiles(json);
  await page.getByText("3 điểm cầu", { exact: true }).waitFor();
  await button("Xem lại").click();
  await button("Lập cuộc họp này").click();
  await button("Phiếu mời để in (4)").waitFor();
  await button("Quay lại").click();
});

test("hostile texts are shown as texts, and what is too long is refused by its field", async () => {
  for (const [index, text] of HOSTILE.entries()) {
    await fillForm(`${index} ${text}`);
    await field("Chức vụ của chủ trì").fill(text.slice(0, 200));
    await field("Chương trình").fill(text);
    await field("Thêm điểm cầu theo tên").fill(text.slice(0, 190));
    await button(/^Thêm đúng như đã viết/).click();
    await page.getByRole("radio").first().check();
    await button("Xem lại").click();
    await isWhole(page, `review of ${text.slice(0, 20)}`);
    await button("Lập cuộc họp này").click();
    const isMade = button("Phiếu mời để in (2)"), isRefused = page.getByRole("alert").getByText(/Mục “/);
    await isMade.or(isRefused).waitFor();
    if (await isMade.isVisible()) {
      await isMade.click();
      await isWhole(page, `sheet of ${text.slice(0, 20)}`);
      await button("Quay lại").click();
      await button("Quay lại").click();
    } else {
      await button("Hủy").click();
    }
    await isWhole(page, `list with ${text.slice(0, 20)}`);
  }
  await button("Lập cuộc họp").click();
  await page.evaluate(([text]) => {
    const input = document.querySelector(".new-meeting input");
    input.removeAttribute("maxlength");
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
    set.call(input, text);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }, [LONG]);
  await field("Chủ trì").fill("Nguyễn Văn An");
  await field("Thư ký").fill("Trần Thị Bình");
  await page.getByText("Cuộc họp không có nội dung bí mật nhà nước").click();
  await field("Thêm điểm cầu theo tên").fill("Huế");
  await button("Thêm đúng như đã viết: Huế").click();
  await page.getByRole("radio").first().check();
  await button("Xem lại").click();
  await isWhole(page, "10,000 characters in review");
  await button("Lập cuộc họp này").click();
  await page.getByRole("alert").getByText("Mục “title”").waitFor();
  await button("Hủy").click();
  await state("admin-list");
});

test("accounts are made, given new passwords, and removed", async () => {
  await tab("Tài khoản");
  await field("Tài khoản").fill("thu-ky-1");
  await page.getByLabel("Vai trò").selectOption("secretary");
  await button("Lưu tài khoản").click();
  const secret = await page.locator(".secret code").textContent();
  await server.post("/api/v1/login", { account: "thu-ky-1", secret });
  await state("admin-accounts");
  await button("Mật khẩu mới: thu-ky-1").click();
  await page.getByRole("dialog").getByRole("button", { name: "Mật khẩu mới" }).click();
  await page.waitForFunction((old) => document.querySelector(".secret code")?.textContent !== old, secret);
  await assert.rejects(server.post("/api/v1/login", { account: "thu-ky-1", secret }), /401/);
  await button("Xóa: thu-ky-1").click();
  await page.getByRole("dialog").getByRole("button", { name: "Xóa" }).click();
  await page.locator("tr", { hasText: "thu-ky-1" }).waitFor({ state: "detached" });
});

test("who is signed in is listed, and whoever is revoked is out", async () => {
  await tab("Phiên đăng nhập");
  await page.locator("tr", { hasText: "operator" }).first().waitFor();
  await state("admin-tokens");
  await button("Đăng xuất").click();
  await button("Đăng nhập").waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  assert.deepEqual(page.problems, []);
});

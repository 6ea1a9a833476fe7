// Pictures of a room's page in every layout, with 1, 5, 9, 16 and 34 rooms that send footage (or drawn
// pictures), one that sends none, and slides: to be looked at. A sheet of all for each count.
//
//     node tests/bench/layout_shots.mjs FOLDER [COUNT…]
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Line } from "../browser/desk_line.mjs";
import { Browser, Rooms, Server, temporaryFolder } from "../browser/peers.mjs";

const [into, ...counts] = process.argv.slice(2);
const shared = fileURLToPath(new URL("../../../shared/", import.meta.url));
const LAYOUTS = ["auto", "speaker", "speaker_chair", "side_by_side", "slides_speaker", "slides", "mosaic", "mosaic_4",
  "mosaic_9", "mosaic_16", "mosaic_25", "mosaic_36", "mosaic_49", "mosaic_64"];
const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const footage = (name, number) =>
  existsSync(`${shared}media/${name}.mp4`) ? `${shared}media/${name}.mp4` : `pattern:${number}`;

function provinces() {
  const rows = readFileSync(`${shared}data/administrative-units.csv`, "utf8").split("\n").slice(1);
  return rows.map((row) => row.split(",")).filter((row) => row[2] === "province").map((row) => row[1]);
}

// In the page that presents: slides of its own in the place of its screen.
function present() {
  navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 1920, height: 1080 });
    const paper = canvas.getContext("2d");
    setInterval(() => {
      paper.fillStyle = "#fff";
      paper.fillRect(0, 0, 1920, 1080);
      paper.fillStyle = "#0a3d7a";
      paper.font = "bold 76px serif";
      paper.fillText("Kết quả giải quyết thủ tục hành chính", 110, 170);
      paper.font = "46px serif";
      paper.fillStyle = "#111";
      ["Tỷ lệ hồ sơ đúng hạn: 96,4 %", "Dịch vụ công trực tuyến toàn trình: 1.284", "Kiến nghị của Quảng Ngãi, Đắk Lắk, Thừa Thiên Huế"]
        .forEach((line, index) => paper.fillText(`•  ${line}`, 130, 300 + index * 90));
      [0.5, 0.62, 0.78, 0.96].forEach((share, index) => {
        paper.fillStyle = "#1d6fb8";
        paper.fillRect(180 + index * 260, 1000 - share * 400, 150, share * 400);
      });
    }, 200);
    return canvas.captureStream(5);
  };
}

async function sheets(count) {
  const folder = temporaryFolder();
  const server = await Server.start(folder, "[video]\nrenditions = 1080:2500,360:500\n");
  const names = provinces();
  const sites = Array.from({ length: count - 1 }, (_, index) => ({ id: `tinh-${index}`, name: names[index] }));
  const made = await server.post("/api/v1/meetings", {
    meeting: "hop", title: "Hội nghị trực tuyến toàn quốc về cải cách thủ tục hành chính", declared: true,
    chair: { name: "Nguyễn Văn An", post: "Phó Thủ tướng" }, secretary: { name: "Trần Thị Bình" },
    agenda: [{ id: "thao-luan", title: "Thảo luận: ý kiến của các địa phương" }], floors: 1,
    sites: [{ id: "chu-toa", name: "Trụ sở Chính phủ", role: "chair" }, ...sites,
      { id: "trinh-bay", name: "Văn phòng Chính phủ" }, { id: "khach", name: "Bộ Nội vụ" }],
  });
  const links = Object.fromEntries(made.links.map((link) => [link.site ?? link.role, link.url]));
  const rooms = [new Rooms(folder, [links["chu-toa"]], "--picture", footage("speaker", 1)),
    ...(count > 1 ? [new Rooms(folder, sites.map(({ id }) => links[id]), "--picture", footage("hall", 2))] : [])];
  const browser = await Browser.start(folder);
  await rooms[0].connected("chu-toa");
  for (const { id } of sites) await rooms[1].connected(id);
  const line = await Line.open(server, (await server.post("/api/v1/meetings/hop/links", { role: "operator" })).url);
  await rooms[0].call("chu-toa", "meeting.open");
  await rooms[0].call("chu-toa", "agenda.advance", {});
  const watcher = await browser.join(links.khach);
  await watcher.setViewportSize({ width: 1920, height: 1080 });
  const presenter = await browser.context.newPage();
  await presenter.addInitScript(present);
  await presenter.goto(links["trinh-bay"]);
  await presenter.getByRole("button", { name: "Vào phòng họp" }).click();
  await presenter.locator('[data-sound="connected"]').waitFor();
  const { request } = await rooms[0].call("chu-toa", "floor.grant", { site: count > 1 ? "tinh-0" : "trinh-bay" });
  const files = [];
  await wait(25); // the footage is made ready, the line's estimate grows
  for (const layout of LAYOUTS) {
    if (layout === "slides_speaker") {
      await rooms[0].call("chu-toa", "floor.revoke", { request });
      await rooms[0].call("chu-toa", "floor.grant", { site: "trinh-bay" });
      await presenter.getByRole("button", { name: /[Tt]rình chiếu/ }).first().click();
      await wait(3);
    }
    await line.call("layout.set", { layout, page_seconds: 0 });
    await wait(2.5);
    const file = path.join(into, `${String(count).padStart(2, "0")}-${layout}.png`);
    await watcher.screenshot({ path: file });
    files.push(file);
  }
  await browser.stop();
  for (const room of rooms) await room.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
  const listing = path.join(into, "sheet.txt");
  writeFileSync(listing, files.map((file) => `file '${file}'\nduration 1\n`).join(""));
  execFileSync("ffmpeg", ["-v", "error", "-y", "-f", "concat", "-safe", "0", "-i", listing,
    "-vf", "fps=1,scale=960:-1,tile=3x5:padding=8", "-frames:v", "1", path.join(into, `sheet-${count}.png`)]);
}

mkdirSync(into, { recursive: true });
for (const count of counts.length ? counts.map(Number) : [1, 5, 9, 16, 34]) await sheets(count);

// What the bridge makes of a receiver's line that drops to 400 kb/s for a while: its estimate and the
// repairs that it sends, second by second, with Chromium's own feedback. Alone in a network namespace
// (needs root, nft).
//
//     unshare -n node tests/bench/line_drop.mjs [SECONDS]
import { execFileSync } from "node:child_process";
import net from "node:net";
import { CHAIR, Hall, sees } from "../browser/pictures.mjs";

const SECONDS = Number(process.argv[2] ?? 10);
const nft = (...words) => execFileSync("nft", words);
const second = () => new Promise((resolve) => setTimeout(resolve, 1000));

execFileSync("ip", ["link", "set", "lo", "up"]);
nft("add", "table", "ip", "line");
nft("add", "chain", "ip", "line", "in", "{ type filter hook input priority 0; }");

// Takes the control connection for a moment; the server takes it back.
function stats(hall) {
  return new Promise((resolve) => {
    const socket = net.connect(`${hall.folder}/bridge.sock`);
    let text = "";
    socket.on("data", (piece) => {
      text += piece;
      for (const line of text.split("\n").slice(0, -1)) {
        const { id, result } = JSON.parse(line);
        if (id !== 2) continue;
        socket.destroy();
        resolve(result.conferences[0].legs.find(({ leg }) => leg === "da-nang").video);
      }
    });
    for (const [id, method, params] of [[1, "bridge.hello", { version: 1 }], [2, "bridge.stats", {}]])
      socket.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
  });
}

const hall = await Hall.open();
async function follow(what) {
  let before = (await stats(hall)).repairs_sent;
  for (let i = 1; i <= SECONDS; i++) {
    await second();
    const video = await stats(hall);
    console.log(JSON.stringify({ line: what, second: i, estimate_kbps: Math.round(video.estimate_bps / 1000),
      repairs: video.repairs_sent - before }));
    before = video.repairs_sent;
  }
}

try {
  await hall.meet({ codec: "VP8", width: 1280, height: 720, busy: true }, { codec: "VP8" }, async (_chair, site) => {
    await sees(site, CHAIR);
    await follow("free");
    const port = await site.evaluate(async () => {
      for (const one of (await window.room.peer.getStats()).values())
        if (one.type === "local-candidate" && one.protocol === "udp") return one.port;
      return null;
    });
    nft("add", "rule", "ip", "line", "in", "udp", "dport", String(port),
      "limit", "rate", "over", "50", "kbytes/second", "drop");
    await follow("400 kb/s");
    nft("flush", "chain", "ip", "line", "in");
    await follow("free again");
  });
} finally {
  await hall.close();
}

// What loss on the line does to a picture in Chromium: pages and bridge alone in a network namespace
// whose loopback drops packets (needs root, nft). Prints a line for each loss.
//
//     unshare -n node tests/bench/picture_loss.mjs [SECONDS]
import { execFileSync } from "node:child_process";
import { CHAIR, Hall, sees } from "../browser/pictures.mjs";

const SECONDS = Number(process.argv[2] ?? 20);
const nft = (...words) => execFileSync("nft", words);

execFileSync("ip", ["link", "set", "lo", "up"]);
nft("add", "table", "ip", "loss");
nft("add", "chain", "ip", "loss", "in", "{ type filter hook input priority 0; }");

const stats = (page) => page.evaluate(async () => {
  for (const one of (await window.room.peer.getStats()).values())
    if (one.type === "inbound-rtp" && one.kind === "video") return one;
  return {};
});

const hall = await Hall.open();
try {
  for (const loss of [0, 2, 5]) {
    await hall.meet({ codec: "VP8", width: 1280, height: 720, busy: true }, { codec: "VP8" }, async (_chair, site) => {
      await sees(site, CHAIR);
      await new Promise((resolve) => setTimeout(resolve, 5000)); // the sender's rate settles
      nft("flush", "chain", "ip", "loss", "in");
      if (loss > 0)
        nft("add", "rule", "ip", "loss", "in", "meta", "l4proto", "udp", "numgen", "random", "mod",
          "100", "<", String(loss), "drop");
      const before = await stats(site);
      await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
      const now = await stats(site);
      nft("flush", "chain", "ip", "loss", "in");
      const grown = (field) => (now[field] ?? 0) - (before[field] ?? 0);
      console.log(JSON.stringify({
        loss_percent: loss, seconds: SECONDS, height: now.frameHeight,
        frames: grown("framesDecoded"), dropped: grown("framesDropped"),
        freezes: grown("freezeCount"), frozen_s: grown("totalFreezesDuration"),
        lost: grown("packetsLost"), repaired: grown("retransmittedPacketsReceived"),
        nacks: grown("nackCount"), plis: grown("pliCount"), kbps: Math.round(grown("bytesReceived") * 8 / SECONDS / 1000),
      }));
    });
  }
} finally {
  await hall.close();
}

// What a bad line does to the composed picture in Chromium, and what the bridge does about it: 2 % and
// 5 % of all packets lost, then one receiver's line at 400 kb/s for a while, with another receiver
// beside it. Alone in a network namespace (needs root, nft); NHIPCAU_BUILD names the build.
//
//     unshare -n node tests/bench/composed_lines.mjs [SECONDS]
import { execFileSync } from "node:child_process";
import { CHAIR, Hall, SITE } from "../browser/pictures.mjs";

const SECONDS = Number(process.argv[2] ?? 20);
const nft = (...words) => execFileSync("nft", words);
const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const tell = (what) => console.log(JSON.stringify(what));

execFileSync("ip", ["link", "set", "lo", "up"]);
nft("add", "table", "ip", "line");
nft("add", "chain", "ip", "line", "in", "{ type filter hook input priority 0; }");

const stats = (page) => page.evaluate(async () => {
  for (const one of (await window.room.peer.getStats()).values())
    if (one.type === "inbound-rtp" && one.kind === "video") return one;
  return {};
});

// What has come since `before`.
function grown(before, now) {
  const by = (field) => (now[field] ?? 0) - (before[field] ?? 0);
  return { lines: now.frameHeight, frames: by("framesDecoded"), freezes: by("freezeCount"),
    frozen_s: Number(by("totalFreezesDuration").toFixed(2)), lost: by("packetsLost"),
    repaired: by("retransmittedPacketsReceived"), plis: by("pliCount"), kb: Math.round(by("bytesReceived") / 1000) };
}

const portOf = (page) => page.evaluate(async () => {
  for (const one of (await window.room.peer.getStats()).values())
    if (one.type === "local-candidate" && one.protocol === "udp") return one.port;
  return null;
});

const hall = await Hall.open();
try {
  const links = await hall.server.meeting("hop", { "chu-toa": "Chính phủ", "da-nang": "Đà Nẵng", hue: "Huế", "ca-mau": "Cà Mau" });
  const chair = await hall.join(links["chu-toa"]);
  const poor = await hall.join(links["da-nang"]), other = await hall.join(links.hue);
  const speaker = await hall.join(links["ca-mau"]);
  await chair.evaluate(() => window.room.call("meeting.open"));
  await chair.evaluate(() => window.room.call("layout.set", { layout: "side_by_side" }));
  await chair.evaluate((options) => window.room.connect(options), { number: CHAIR });
  await speaker.evaluate((options) => window.room.connect(options), { number: SITE, busy: true });
  await chair.evaluate(() => window.room.call("floor.grant", { site: "ca-mau" }));
  await poor.evaluate((options) => window.room.connect(options), { number: 1 });
  await other.evaluate((options) => window.room.connect(options), { number: 2 });
  await wait(10); // the lines are tried, the renditions settle
  for (const loss of [0, 2, 5]) {
    if (loss > 0)
      nft("add", "rule", "ip", "line", "in", "meta", "l4proto", "udp", "numgen", "random", "mod", "100", "<", String(loss), "drop");
    const before = await stats(poor);
    await wait(SECONDS);
    tell({ loss_percent: loss, seconds: SECONDS, ...grown(before, await stats(poor)) });
    nft("flush", "chain", "ip", "line", "in");
  }
  await wait(10);
  const others = await stats(other);
  let before = await stats(poor);
  const follow = async (line, seconds) => {
    for (let second = 1; second <= seconds; second++) {
      await wait(1);
      const now = await stats(poor);
      tell({ line, second, ...grown(before, now) });
      before = now;
    }
  };
  await follow("free", 3);
  nft("add", "rule", "ip", "line", "in", "udp", "dport", String(await portOf(poor)), "limit", "rate", "over", "50", "kbytes/second", "drop");
  await follow("400 kb/s", 20);
  nft("flush", "chain", "ip", "line", "in");
  await follow("free again", 15);
  tell({ other_receiver: grown(others, await stats(other)) });
} finally {
  await hall.close();
}

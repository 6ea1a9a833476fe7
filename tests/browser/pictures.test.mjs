// Chromium sends and receives pictures through the bridge, in both codecs and in layers: whose
// picture a page sees is read out of the picture itself.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { Browser, Server, temporaryFolder } from "./peers.mjs";

const CHAIR = 0b10110001, SITE = 0b01100111;
let folder, server, browser;

// Runs in the page: a room of its own with a camera that codes a number in eight stripes.
function makeRoom() {
  const BITS = 8;
  const camera = (number, width, height) => {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    let turn = 0;
    setInterval(() => {
      for (let bit = 0; bit < BITS; bit++) {
        context.fillStyle = number >> (BITS - 1 - bit) & 1 ? "#ddd" : "#222";
        context.fillRect(bit * width / BITS, 0, width / BITS + 1, height);
      }
      context.fillStyle = "#888";
      context.fillRect(0, turn++ * 5 % height, width, 3);
    }, 40);
    return canvas.captureStream(25).getVideoTracks()[0];
  };
  const silence = () => {
    const context = new AudioContext();
    return context.createMediaStreamDestination().stream.getAudioTracks()[0];
  };
  const prefer = (transceiver, codec) => {
    const known = RTCRtpSender.getCapabilities("video").codecs;
    transceiver.setCodecPreferences([
      ...known.filter(({ mimeType }) => mimeType === `video/${codec}`),
      ...known.filter(({ mimeType }) => mimeType === "video/rtx"),
    ]);
  };
  const room = { waiting: new Map(), next: 1, early: [], video: document.createElement("video") };
  window.room = room;
  room.call = (method, params = {}) => new Promise((resolve, reject) => {
    room.waiting.set(room.next, { resolve, reject });
    room.socket.send(JSON.stringify({ jsonrpc: "2.0", id: room.next++, method, params }));
  });
  const take = (message) => {
    if (message.id) {
      const { resolve, reject } = room.waiting.get(message.id);
      if (message.error) reject(new Error(message.error.message));
      else resolve(message.result);
    } else if (message.method === "media.candidate") {
      const found = { candidate: message.params.candidate, sdpMid: message.params.mid };
      if (room.peer?.remoteDescription) room.peer.addIceCandidate(found).catch(() => {});
      else room.early.push(found);
    } else if (message.method === "media.hint") {
      room.hint = message.params;
    } else if (message.method === "media.ready") {
      room.ready?.();
    }
  };
  room.join = async (token) => {
    room.socket = new WebSocket(`wss://${location.host}/api/v1/ws`, "nhipcau.v1");
    room.socket.onmessage = ({ data }) => take(JSON.parse(data));
    await new Promise((resolve) => { room.socket.onopen = resolve; });
    await room.call("session.hello", { token, client: "test" });
  };
  const answer = async (sdp) => {
    for (;;) {
      try {
        return (await room.call("media.offer", { sdp })).sdp;
      } catch {
        await new Promise((resolve) => { room.ready = resolve; });
      }
    }
  };
  room.connect = async ({ number, codec, layers, width = 640, height = 360 }) => {
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    room.peer = peer;
    peer.addTransceiver(silence(), { direction: "sendrecv" });
    const transceiver = peer.addTransceiver(camera(number, width, height), {
      direction: "sendrecv", ...(layers ? { sendEncodings: layers } : {}),
    });
    prefer(transceiver, codec);
    peer.ontrack = ({ track }) => {
      if (track.kind !== "video") return;
      room.video.muted = true;
      room.video.srcObject = new MediaStream([track]);
      void room.video.play();
    };
    peer.onicecandidate = ({ candidate }) => void room.call("media.candidate", {
      candidate: candidate?.candidate ?? "", mid: candidate?.sdpMid ?? "0" });
    await peer.setLocalDescription();
    await peer.setRemoteDescription({ type: "answer", sdp: await answer(peer.localDescription.sdp) });
    for (const found of room.early.splice(0)) peer.addIceCandidate(found).catch(() => {});
  };
  room.number = () => {
    const { videoWidth: width, videoHeight: height } = room.video;
    if (!width) return null;
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    context.drawImage(room.video, 0, 0);
    let number = 0;
    for (let bit = 0; bit < BITS; bit++) {
      const left = Math.round((bit + 0.5) * width / BITS);
      const shade = context.getImageData(left, height >> 1, 1, 1).data[0];
      number = number << 1 | (shade > 127 ? 1 : 0);
    }
    return number;
  };
  room.stats = async (type, field) => {
    const found = [];
    for (const one of (await room.peer.getStats()).values())
      if (one.type === type && one.kind === "video") found.push(one[field]);
    return found;
  };
}

async function join(link) {
  const page = await browser.context.newPage();
  await page.goto(`${server.url}/`);
  await page.evaluate(makeRoom);
  const { token } = await server.post("/api/v1/join", { key: new URL(link).pathname.split("/").pop() });
  await page.evaluate((mine) => window.room.join(mine), token);
  return page;
}

const sees = (page, number) =>
  page.waitForFunction((wanted) => window.room.number() === wanted, number, { polling: 100 });

let meetings = 0;
async function meet(chairOptions, siteOptions, judge) {
  const links = await server.meeting(`hop-${++meetings}`, { "chu-toa": "Chính phủ", "da-nang": "Đà Nẵng" });
  const chair = await join(links["chu-toa"]), site = await join(links["da-nang"]);
  try {
    await chair.evaluate(() => window.room.call("meeting.open"));
    await chair.evaluate((options) => window.room.connect(options), { number: CHAIR, ...chairOptions });
    await site.evaluate((options) => window.room.connect(options), { number: SITE, ...siteOptions });
    await judge(chair, site);
  } finally {
    await chair.close();
    await site.close();
  }
}

before(async () => {
  folder = temporaryFolder();
  server = await Server.start(folder);
  browser = await Browser.start(folder);
});

after(async () => {
  await browser?.stop();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

for (const codec of ["VP8", "H264"]) {
  test(`pages see each other in ${codec}`, async () => {
    await meet({ codec }, { codec }, async (chair, site) => {
      await sees(site, CHAIR);
      const { request } = await site.evaluate(() => window.room.call("floor.request"));
      await chair.evaluate((id) => window.room.call("floor.grant", { request: id }), request);
      await sees(chair, SITE);
      await sees(site, CHAIR);
    });
  });
}

test("of three layers the tallest comes through once the line is known", async () => {
  const layers = [{ rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150000 },
    { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 500000 }, { rid: "f", maxBitrate: 1500000 }];
  await meet({ codec: "VP8", layers, width: 1280, height: 720 }, { codec: "VP8" }, async (chair, site) => {
    await sees(site, CHAIR);
    await site.waitForFunction(() => window.room.video.videoHeight === 720, null, { polling: 200 });
    await sees(site, CHAIR);
    const lost = await site.evaluate(() => window.room.stats("inbound-rtp", "freezeCount"));
    assert.ok(lost[0] <= 1, `it froze ${lost[0]} times`);
  });
});

// Rooms in Chromium whose cameras code a number, and that read what they see: without the product's
// own page, so that codecs and layers can be chosen.
import { Browser, Server, temporaryFolder } from "./peers.mjs";
import { rmSync } from "node:fs";

export const CHAIR = 0b10110001, SITE = 0b01100111;

// Runs in the page: a room of its own with a camera that codes a number in eight stripes.
function makeRoom() {
  const BITS = 8;
  // `busy`: much moves, above and below the middle where the number is read.
  const camera = (number, width, height, busy) => {
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
      for (let i = 0; busy && i < 400; i++) {
        context.fillStyle = `hsl(${Math.random() * 360} 80% 50%)`;
        const y = Math.random() * 0.8 * height;
        context.fillRect(Math.random() * width, y > 0.4 * height ? y + 0.2 * height : y, 12, 0.04 * height);
      }
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
  // `stream`: sends this instead of the coded picture; `onstream`: is given what comes.
  room.connect = async ({ number, codec = "VP8", layers, width = 640, height = 360, busy, stream, onstream }) => {
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    room.peer = peer;
    peer.addTransceiver(stream?.getAudioTracks()[0] ?? silence(), { direction: "sendrecv" });
    const transceiver = peer.addTransceiver(stream?.getVideoTracks()[0] ?? camera(number, width, height, busy), {
      direction: "sendrecv", ...(layers ? { sendEncodings: layers } : {}),
    });
    prefer(transceiver, codec);
    peer.ontrack = ({ track, streams }) => {
      onstream?.(streams[0]);
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

// A server and a browser, and what is left of them.
export class Hall {
  static async open() {
    const hall = new Hall();
    hall.folder = temporaryFolder();
    hall.meetings = 0;
    hall.server = await Server.start(hall.folder);
    hall.browser = await Browser.start(hall.folder);
    return hall;
  }

  async close() {
    await this.browser?.stop();
    await this.server?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async join(link) {
    const page = await this.browser.context.newPage();
    await page.goto(`${this.server.url}/`);
    await page.evaluate(makeRoom);
    const { token } = await this.server.post("/api/v1/join", { key: new URL(link).pathname.split("/").pop() });
    await page.evaluate((mine) => window.room.join(mine), token);
    return page;
  }

  // A chair, who has the floor, and a site, both sending.
  async meet(chairOptions, siteOptions, judge) {
    const links = await this.server.meeting(`hop-${++this.meetings}`,
      { "chu-toa": "Chính phủ", "da-nang": "Đà Nẵng" });
    const chair = await this.join(links["chu-toa"]), site = await this.join(links["da-nang"]);
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
}

export const sees = (page, number) =>
  page.waitForFunction((wanted) => window.room.number() === wanted, number, { polling: 100 });

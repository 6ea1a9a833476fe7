// What the browser tests stand on: a server of their own, headless rooms, Chromium pages.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import readline from "node:readline";
import { chromium } from "playwright-core";

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../..");
const build = process.env.NHIPCAU_BUILD ?? path.join(root, "build/debug");
const WAIT_MS = 30_000;

export function temporaryFolder() {
  return mkdtempSync(path.join(tmpdir(), "nhipcau-browser-"));
}

async function ended(child) {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

export class Server {
  // `settings` are lines of a configuration file.
  static async start(data, settings = "") {
    const server = new Server();
    server.data = data;
    const config = path.join(data, "nhipcau.conf");
    writeFileSync(config, settings);
    server.child = spawn(path.join(build, "signaling/nhipcau-signaling"), [
      "serve", "--config", config, "--data", data, "--listen", "127.0.0.1:0", "--web", path.join(root, "build/web"),
      "--bridge", path.join(build, "bridge/nhipcau-bridge"),
    ], { stdio: ["ignore", "pipe", openSync(path.join(data, "server.log"), "a")] });
    const lines = readline.createInterface({ input: server.child.stdout });
    for await (const line of lines) {
      if (line.startsWith("listening ")) {
        server.url = line.slice("listening ".length);
        break;
      }
    }
    if (!server.url) throw new Error(`the server did not start; see ${data}/server.log`);
    const secret = readFileSync(path.join(data, "operator-secret"), "utf8").trim();
    server.token = (await server.post("/api/v1/login", { account: "operator", secret })).token;
    return server;
  }

  post(address, body) {
    return new Promise((resolve, reject) => {
      const request = https.request(this.url + address, {
        method: "POST",
        ca: readFileSync(path.join(this.data, "tls/cert.pem")),
        headers: {
          "Content-Type": "application/json",
          ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
        },
      }, (answer) => {
        let text = "";
        answer.on("data", (chunk) => { text += chunk; });
        answer.on("end", () => {
          if (answer.statusCode < 300) resolve(JSON.parse(text));
          else reject(new Error(`${address}: ${answer.statusCode} ${text}`));
        });
      });
      request.on("error", reject);
      request.end(JSON.stringify(body));
    });
  }

  get(address, token = this.token) {
    return new Promise((resolve, reject) => {
      https.get(this.url + address, {
        ca: readFileSync(path.join(this.data, "tls/cert.pem")), headers: { Authorization: `Bearer ${token}` },
      }, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk) => { text += chunk; });
        answer.on("end", () => (answer.statusCode < 300 ? resolve(text)
          : reject(new Error(`${address}: ${answer.statusCode} ${text}`))));
      }).on("error", reject);
    });
  }

  // Rooms as {slug: name}; the first is the chair's. Returns {slug or role: link}.
  async meeting(id, rooms) {
    const sites = Object.entries(rooms).map(([site, name], index) => (
      { id: site, name, role: index === 0 ? "chair" : "site" }));
    const made = await this.post("/api/v1/meetings", {
      meeting: id, title: "Họp thử", sites, declared: true,
      chair: { name: "Nguyễn Văn An" }, secretary: { name: "Trần Thị Bình" },
    });
    return Object.fromEntries(made.links.map((link) => [link.site ?? link.role, link.url]));
  }

  async stop() {
    this.child.kill("SIGTERM");
    await ended(this.child);
  }
}

// One nhipcau-room process that stands for the rooms of `links`.
export class Rooms {
  constructor(data, links, ...options) {
    this.child = spawn(path.join(build, "client/room/nhipcau-room"), [
      "--headless", "--ca", path.join(data, "tls/cert.pem"), ...options, ...links,
    ], { stdio: ["pipe", "pipe", openSync(path.join(data, "rooms.log"), "a")] });
    this.lines = [];
    this.waiting = [];
    this.nextId = 1;
    readline.createInterface({ input: this.child.stdout }).on("line", (line) => {
      this.lines.push(JSON.parse(line));
      this.settle();
    });
  }

  settle() {
    for (const waiter of [...this.waiting]) {
      const index = this.lines.findIndex(waiter.matches);
      if (index < 0) continue;
      clearTimeout(waiter.timer);
      this.waiting.splice(this.waiting.indexOf(waiter), 1);
      waiter.resolve(this.lines.splice(index, 1)[0]);
    }
  }

  // The first line, now or soon, that matches; it is taken out.
  wait(matches, what) {
    return new Promise((resolve, reject) => {
      const waiter = { matches, resolve };
      waiter.timer = setTimeout(() => reject(new Error(`no ${what}`)), WAIT_MS);
      this.waiting.push(waiter);
      this.settle();
    });
  }

  tell(command) {
    this.child.stdin.write(`${JSON.stringify(command)}\n`);
  }

  connected(room) {
    return this.wait((line) => line.type === "media" && line.room === room
      && line.state === "connected", `media of ${room}`);
  }

  async call(room, method, params = {}) {
    const id = `b${this.nextId++}`;
    this.tell({ room, call: method, params, id });
    const reply = await this.wait((line) => line.type === "reply" && line.id === id, `reply to ${method}`);
    if (reply.error) throw new Error(`${method}: ${reply.error.message}`);
    return reply.result;
  }

  async report(room) {
    const id = `b${this.nextId++}`;
    this.tell({ room, report: true, id });
    return this.wait((line) => line.type === "report" && line.id === id, `report of ${room}`);
  }

  tone(room, hz, on = true) {
    return this.wait((line) => line.type === "tone" && line.room === room && line.hz === hz
      && line.on === on, `tone ${hz} at ${room} ${on ? "on" : "off"}`);
  }

  async stop() {
    if (this.child.exitCode === null) this.tell({ quit: true });
    await ended(this.child);
  }
}

// A WAV file of a steady tone: what Chromium's fake microphone plays.
export function toneFile(folder, hz, amplitude, seconds = 10, rate = 48000) {
  const samples = seconds * rate;
  const wav = Buffer.alloc(44 + samples * 2);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(36 + samples * 2, 4);
  wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(rate * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write("data", 36);
  wav.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i++)
    wav.writeInt16LE(Math.round(amplitude * Math.sin((2 * Math.PI * hz * i) / rate)), 44 + 2 * i);
  const file = path.join(folder, `tone-${hz}.wav`);
  writeFileSync(file, wav);
  return file;
}

// Runs in the page before its own scripts: keeps hold of the peer connections, gives the tones that
// the received samples hold, and leaves the fake microphone unprocessed (noise suppression takes a
// steady tone for noise).
function instrument() {
  const peers = [];
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(...options) {
      super(...options);
      peers.push(this);
      this.addEventListener("track", ({ track }) => {
        if (track.kind !== "audio") return;
        const context = new AudioContext({ sampleRate: 48000 });
        const analyser = context.createAnalyser();
        analyser.fftSize = 8192;
        analyser.smoothingTimeConstant = 0;
        context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
        window.heard = { context, analyser };
      });
    }
  };
  const devices = navigator.mediaDevices;
  const getUserMedia = devices.getUserMedia.bind(devices);
  devices.getUserMedia = ({ audio, video }) => getUserMedia({
    audio: audio && { echoCancellation: false, noiseSuppression: false, autoGainControl: false }, video,
  });
  // Level in dB of a tone in the last 170 ms of what this page received.
  window.toneLevel = (hz) => {
    if (!window.heard) return -200;
    const { analyser } = window.heard;
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const bin = Math.round((hz * analyser.fftSize) / 48000);
    return Math.max(...bins.slice(bin - 1, bin + 2));
  };
  // A room that does not obey: sends its microphone whatever the server asks for.
  window.sendAlways = () => {
    for (const sender of peers.flatMap((peer) => peer.getSenders())) {
      if (!sender.track) continue;
      Object.defineProperty(sender.track, "enabled", { set() {}, get: () => true });
      const raw = Object.getOwnPropertyDescriptor(MediaStreamTrack.prototype, "enabled");
      raw.set.call(sender.track, true);
    }
  };
}

export class Browser {
  // A Chromium of its own, since the fake microphone's file belongs to the process.
  static async start(folder, { tone, amplitude = 32000 } = {}) {
    const self = new Browser();
    self.profile = mkdtempSync(path.join(folder, "profile-"));
    self.context = await chromium.launchPersistentContext(self.profile, {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      headless: true,
      ignoreHTTPSErrors: true,
      viewport: { width: 1366, height: 768 },
      args: [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
        "--allow-loopback-in-peer-connection", "--autoplay-policy=no-user-gesture-required",
        ...(tone ? [`--use-file-for-fake-audio-capture=${toneFile(folder, tone, amplitude)}`] : []),
      ],
    });
    await self.context.addInitScript(instrument);
    self.context.setDefaultTimeout(WAIT_MS);
    return self;
  }

  async join(link) {
    const page = await this.context.newPage();
    page.problems = [];
    page.on("pageerror", (error) => page.problems.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") page.problems.push(message.text());
    });
    await page.goto(link);
    await page.getByRole("button", { name: "Vào phòng họp" }).click();
    await page.locator('[data-sound="connected"]').waitFor();
    return page;
  }

  async stop() {
    await this.context.close();
    rmSync(this.profile, { recursive: true, force: true });
  }
}

export function heard(page, hz) {
  return page.waitForFunction((tone) => window.toneLevel(tone) > -45, hz, { polling: 50 });
}

// Until the last of a tone has left the page's buffers.
export function gone(page, hz) {
  return page.waitForFunction((tone) => window.toneLevel(tone) < -60, hz, { polling: 50 });
}

// The loudest that a tone was over the next `windows` windows of received samples.
export function loudest(page, hz, windows = 12) {
  return page.evaluate(async ([tone, count]) => {
    let most = -200;
    for (let i = 0; i < count; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      most = Math.max(most, window.toneLevel(tone));
    }
    return most;
  }, [hz, windows]);
}

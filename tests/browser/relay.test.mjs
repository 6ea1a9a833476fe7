// Ways to the media for rooms behind firewalls, in Chromium: a relay of somebody else's make (coturn)
// over UDP and over TCP, with the credentials that the server gave, and TCP straight to the bridge.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, rmSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { after, before, test } from "node:test";
import { Browser, heard, Rooms, Server, temporaryFolder } from "./peers.mjs";

const SECRET = "bi-mat-chung";
const TONE = 440; // of the chair
const OWN = 1000; // of the pages

let folder, relay, server, rooms, links, browser;

async function freePort() {
  const socket = net.createServer().listen(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}

async function listening(port) {
  for (let tries = 0; tries < 200; tries++) {
    const socket = net.connect(port, "127.0.0.1");
    const isOpen = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("coturn does not listen");
}

before(async () => {
  folder = temporaryFolder();
  const port = await freePort();
  relay = spawn("turnserver", [
    "-n", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", `--listening-port=${port}`,
    "--use-auth-secret", `--static-auth-secret=${SECRET}`, "--realm=nhipcau",
    "--allow-loopback-peers", "--no-tls", "--no-dtls", "--no-cli", "--log-file=stdout",
    `--pidfile=${path.join(folder, "turn.pid")}`, `--userdb=${path.join(folder, "turn.db")}`,
  ], { stdio: ["ignore", openSync(path.join(folder, "turn.log"), "w"), "ignore"] });
  await listening(port);
  server = await Server.start(folder, `[media]\nturn = 127.0.0.1:${port}\nturn-secret = ${SECRET}\n`
    + "ice-tcp = yes\n");
  links = await server.meeting("hop-thu", {
    "chu-toa": "Điểm cầu Chính phủ", "da-nang": "Đà Nẵng", hue: "Huế", "can-tho": "Cần Thơ",
  });
  rooms = new Rooms(folder, [links["chu-toa"]]);
  await rooms.connected("chu-toa");
  rooms.tell({ room: "chu-toa", tone: TONE, level: -20 });
  await rooms.call("chu-toa", "meeting.open");
  browser = await Browser.start(folder, { tone: OWN, amplitude: 3200 });
});

after(async () => {
  await browser?.stop();
  await rooms?.stop();
  await server?.stop();
  relay.kill("SIGTERM");
  await once(relay, "exit");
  rmSync(folder, { recursive: true, force: true });
});

// In the page, before its own scripts: only the relay, reached by one transport.
function throughRelay(transport) {
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(options) {
      const iceServers = options.iceServers.map((entry) => ({
        ...entry, urls: entry.urls.filter((url) => url.endsWith(`transport=${transport}`)),
      }));
      super({ ...options, iceServers, iceTransportPolicy: "relay" });
      window.peer = this;
    }
  };
}

// Neither side learns of the other's UDP.
function overTcp() {
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(options) {
      super({ ...options, iceServers: [] });
      window.peer = this;
    }

    set onicecandidate(take) {
      super.onicecandidate = (event) => {
        if (!/ udp /i.test(event.candidate?.candidate ?? "")) take(event);
      };
    }

    setRemoteDescription(description) {
      const lines = description.sdp.split("\r\n");
      const sdp = lines.filter((line) => !/^a=candidate:.* udp /i.test(line)).join("\r\n");
      return super.setRemoteDescription({ type: description.type, sdp });
    }
  };
}

async function join(link, script, argument) {
  const context = browser.context;
  const page = await context.newPage();
  await page.addInitScript(script, argument);
  await page.goto(link);
  await page.getByRole("button", { name: "Vào phòng họp" }).click();
  await page.locator('[data-sound="connected"]').waitFor();
  return page;
}

// The candidates of the pair that media takes.
function pair(page) {
  return page.evaluate(async () => {
    const stats = [...(await window.peer.getStats()).values()];
    const { selectedCandidatePairId } = stats.find((entry) => entry.type === "transport");
    const used = stats.find((entry) => entry.id === selectedCandidatePairId);
    const { candidateType, relayProtocol, protocol } = stats.find(
      (entry) => entry.id === used.localCandidateId);
    return { candidateType, relayProtocol, protocol };
  });
}

for (const [room, transport] of [["da-nang", "udp"], ["hue", "tcp"]]) {
  test(`a page is heard through a relay that it reaches by ${transport}`, async () => {
    const page = await join(links[room], throughRelay, transport);
    await heard(page, TONE);
    const used = await pair(page);
    assert.deepEqual([used.candidateType, used.relayProtocol], ["relay", transport]);
    await page.close();
  });
}

test("a page whose network lets no UDP through reaches the bridge by TCP", async () => {
  const page = await join(links["can-tho"], overTcp);
  await heard(page, TONE);
  assert.equal((await pair(page)).protocol, "tcp");
  await page.close();
});

// In the page, before its own scripts: redundancy before plain Opus.
function preferRed() {
  const add = RTCPeerConnection.prototype.addTransceiver;
  RTCPeerConnection.prototype.addTransceiver = function prefer(kind, options) {
    const transceiver = add.call(this, kind, options);
    if (transceiver.receiver.track.kind === "audio") {
      const { codecs } = RTCRtpSender.getCapabilities("audio");
      const rank = (codec) => ["audio/red", "audio/opus"].indexOf(codec.mimeType);
      transceiver.setCodecPreferences(codecs.filter((codec) => rank(codec) >= 0)
        .sort((a, b) => rank(a) - rank(b)));
      window.peer = this;
    }
    return transceiver;
  };
}

test("a page that prefers redundant sound is heard with it", async () => {
  const page = await join(links["can-tho"], preferRed);
  await rooms.call("chu-toa", "floor.grant", { site: "can-tho" });
  rooms.tell({ room: "chu-toa", listen: [OWN] });
  await rooms.tone("chu-toa", OWN);
  const codecs = await page.evaluate(
    () => window.peer.getSenders()[0].getParameters().codecs.map(({ mimeType }) => mimeType));
  assert.deepEqual(codecs, ["audio/red", "audio/opus"]);
  await page.close();
});

// One media peer in a process of its own, for tests in other languages: `peer.mjs wrtc HZ` is npm's
// @roamhq/wrtc, `peer.mjs chromium HZ` a page in headless Chromium. It sends a tone of that many Hz.
//
// A line of JSON in, a line out:
//   {"offer": {"iceRestart": false}}  ->  {"sdp": …}, all candidates in it
//   {"answer": SDP}                   ->  {}
//   {"purity": HZ}                    ->  {"purity": P}, see purity()
//   {"state": true}                   ->  {"state": connectionState}
// It ends at the end of its input.
import { rmSync } from "node:fs";
import readline from "node:readline";

const RATE = 48000;

// The part of the last 200 ms' energy that is at `hz`, 0 to 1, as the mean of Goertzel's algorithm
// over pieces of 20 ms: what is out of step between them does not count. 0 for silence.
function purity(samples, hz, rate) {
  const size = rate / 50;
  const factor = 2 * Math.cos((2 * Math.PI * hz) / rate);
  let sum = 0;
  for (let start = 0; start < samples.length; start += size) {
    let energy = 0, last = 0, before = 0;
    for (const sample of samples.subarray(start, start + size)) {
      energy += sample * sample;
      [before, last] = [last, sample + factor * last - before];
    }
    if (energy / size > 1e-8)
      sum += (2 * (before * before + last * last - factor * before * last)) / (size * energy);
  }
  return (sum * size) / samples.length;
}

// What both kinds do with a connection; runs in the page, too.
async function makeOffer(connection, options) {
  await connection.setLocalDescription(await connection.createOffer(options));
  await new Promise((resolve) => {
    const look = () => connection.iceGatheringState === "complete" && resolve();
    connection.addEventListener("icegatheringstatechange", look);
    look();
  });
  return connection.localDescription.sdp;
}

class WrtcPeer {
  static async start(hz) {
    const self = new WrtcPeer();
    const { default: wrtc } = await import("@roamhq/wrtc");
    self.connection = new wrtc.RTCPeerConnection();
    const source = new wrtc.nonstandard.RTCAudioSource();
    self.connection.addTrack(source.createTrack());
    self.heard = new Float32Array(0);
    self.connection.ontrack = ({ track }) => {
      const sink = new wrtc.nonstandard.RTCAudioSink(track);
      sink.ondata = (data) => self.take(data);
    };
    self.speak(source, hz);
    return self;
  }

  // 10 ms at a time, as the source wants them, by the clock.
  speak(source, hz) {
    const start = performance.now();
    let sent = 0;
    this.timer = setInterval(() => {
      while (sent * 10 < performance.now() - start) {
        const samples = new Int16Array(RATE / 100);
        for (let i = 0; i < samples.length; i++)
          samples[i] = 8192 * Math.sin((2 * Math.PI * hz * (sent * samples.length + i)) / RATE);
        source.onData({ samples, sampleRate: RATE, bitsPerSample: 16, channelCount: 1,
          numberOfFrames: samples.length });
        sent++;
      }
    }, 5);
  }

  // The rate is the library's to choose: it follows what the sound needs.
  take({ samples, channelCount, sampleRate }) {
    if (sampleRate !== this.rate) {
      this.rate = sampleRate;
      this.heard = new Float32Array(sampleRate / 5);
    }
    const count = samples.length / channelCount;
    this.heard.copyWithin(0, count);
    for (let i = 0; i < count; i++)
      this.heard[this.heard.length - count + i] = samples[i * channelCount] / 32768;
  }

  offer(options) { return makeOffer(this.connection, options); }

  async answer(sdp) { await this.connection.setRemoteDescription({ type: "answer", sdp }); }

  async purity(hz) { return this.rate ? purity(this.heard, hz, this.rate) : 0; }

  async state() { return this.connection.connectionState; }

  async stop() {
    clearInterval(this.timer);
    this.connection.close();
    process.exit(0); // the sink keeps the process alive
  }
}

// In the page: a connection that sends `hz` and keeps the last 200 ms that it received.
function startInPage(hz) {
  const context = new AudioContext({ sampleRate: 48000 });
  const tone = new OscillatorNode(context, { frequency: hz });
  const gain = new GainNode(context, { gain: 0.25 });
  const out = context.createMediaStreamDestination();
  tone.connect(gain).connect(out);
  tone.start();
  window.connection = new RTCPeerConnection();
  window.connection.addTrack(out.stream.getAudioTracks()[0], out.stream);
  window.received = new Float32Array(9600);
  window.connection.ontrack = ({ track }) => {
    const stream = new MediaStream([track]);
    const player = new Audio(); // Chromium decodes only what an element plays
    player.srcObject = stream;
    player.muted = true;
    void player.play();
    const tap = context.createScriptProcessor(1024, 1, 1);
    tap.onaudioprocess = ({ inputBuffer }) => {
      const samples = inputBuffer.getChannelData(0);
      window.received.copyWithin(0, samples.length);
      window.received.set(samples, window.received.length - samples.length);
    };
    context.createMediaStreamSource(stream).connect(tap).connect(context.destination);
  };
}

class ChromiumPeer {
  static async start(hz) {
    const self = new ChromiumPeer();
    const { Browser, temporaryFolder } = await import("./peers.mjs");
    self.folder = temporaryFolder();
    self.browser = await Browser.start(self.folder);
    self.page = await self.browser.context.newPage();
    await self.page.addScriptTag({ content:
      `${purity}; ${makeOffer}; ${startInPage}; startInPage(${hz});` });
    return self;
  }

  offer(options) {
    return this.page.evaluate((given) => window.makeOffer(window.connection, given), options);
  }

  answer(sdp) {
    return this.page.evaluate((given) => window.connection.setRemoteDescription(
      { type: "answer", sdp: given }), sdp);
  }

  purity(hz) {
    return this.page.evaluate((tone) => window.purity(window.received, tone, 48000), hz);
  }

  state() {
    return this.page.evaluate(() => window.connection.connectionState);
  }

  async stop() {
    await this.browser.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const kinds = { wrtc: WrtcPeer, chromium: ChromiumPeer };
const peer = await kinds[process.argv[2]].start(Number(process.argv[3]));
const answers = {
  offer: async (options) => ({ sdp: await peer.offer(options) }),
  answer: async (sdp) => { await peer.answer(sdp); return {}; },
  purity: async (hz) => ({ purity: await peer.purity(hz) }),
  state: async () => ({ state: await peer.state() }),
};
console.log(JSON.stringify({ ready: true }));
for await (const line of readline.createInterface({ input: process.stdin })) {
  const [[name, argument]] = Object.entries(JSON.parse(line));
  console.log(JSON.stringify(await answers[name](argument)));
}
await peer.stop();

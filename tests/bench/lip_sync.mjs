// How far sound and picture are apart at a page, through the bridge and, beside it in the same run,
// straight from page to page: a flash and a beep each second. The difference is the bridge's own.
//
//     node tests/bench/lip_sync.mjs [FLASHES]
import { Hall } from "../browser/pictures.mjs";

const FLASHES = Number(process.argv[2] ?? 30);

// In the sending page: one clapper for both ways.
function clap() {
  const context = new AudioContext();
  const beep = new OscillatorNode(context, { frequency: 1000 });
  const gain = new GainNode(context, { gain: 0 });
  const out = context.createMediaStreamDestination();
  beep.connect(gain).connect(out);
  beep.start();
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  const paper = canvas.getContext("2d");
  let turn = 0;
  setInterval(() => {
    const isOn = performance.now() % 1000 < 150;
    gain.gain.value = isOn ? 0.8 : 0;
    paper.fillStyle = isOn ? "#fff" : "#000";
    paper.fillRect(0, 0, 320, 180);
    paper.fillStyle = "#777";
    paper.fillRect(turn++ % 320, 0, 2, 2);
  }, 20);
  window.clapper = new MediaStream([
    ...out.stream.getAudioTracks(), ...canvas.captureStream(50).getVideoTracks()]);
}

// In the receiving page: when the flash and the beep begin.
function watch() {
  window.watch = (stream, name) => {
    const seen = (window.seen ??= {})[name] = { flashes: [], beeps: [] };
    const video = Object.assign(document.createElement("video"), { srcObject: stream });
    document.body.append(video);
    void video.play();
    const canvas = Object.assign(document.createElement("canvas"), { width: 8, height: 8 });
    const paper = canvas.getContext("2d", { willReadFrequently: true });
    let wasBright = true;
    const look = (_now, { expectedDisplayTime }) => {
      paper.drawImage(video, 0, 0, 8, 8);
      const isBright = paper.getImageData(4, 4, 1, 1).data[0] > 128;
      if (isBright && !wasBright) seen.flashes.push(expectedDisplayTime);
      wasBright = isBright;
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
    const context = new AudioContext();
    const ear = context.createScriptProcessor(256, 1, 1);
    let wasLoud = true, quietSince = 0;
    ear.onaudioprocess = ({ inputBuffer }) => {
      const samples = inputBuffer.getChannelData(0);
      const first = samples.findIndex((sample) => Math.abs(sample) > 0.1);
      const now = performance.now();
      if (first >= 0 && !wasLoud) seen.beeps.push(now + first / context.sampleRate * 1000);
      if (first >= 0) quietSince = now;
      wasLoud = now - quietSince < 200;
    };
    context.createMediaStreamSource(stream).connect(ear).connect(context.destination);
  };
}

function summary(seen) {
  const apart = seen.flashes.slice(3).flatMap((flash) => {
    const beep = seen.beeps.find((one) => Math.abs(one - flash) < 400);
    return beep === undefined ? [] : [flash - beep];
  }).sort((a, b) => a - b);
  const at = (part) => Math.round(apart[Math.floor(part * (apart.length - 1))]);
  return { pairs: apart.length, median_ms: at(0.5), p5_ms: at(0.05), p95_ms: at(0.95) };
}

const hall = await Hall.open();
try {
  const links = await hall.server.meeting("hop", { "chu-toa": "Chính phủ", "da-nang": "Đà Nẵng" });
  const chair = await hall.join(links["chu-toa"]), site = await hall.join(links["da-nang"]);
  await chair.evaluate(clap);
  await site.evaluate(watch);
  await chair.evaluate(() => window.room.call("meeting.open"));
  await chair.evaluate(() => window.room.connect({ stream: window.clapper }));
  await site.evaluate(() => window.room.connect({ onstream: (stream) => {
    if (!window.isWatched) window.watch(stream, "bridge");
    window.isWatched = true;
  }, number: 0, codec: "VP8" }).catch(() => {}));
  // Straight.
  const offer = await chair.evaluate(async () => {
    const peer = window.direct = new RTCPeerConnection();
    for (const track of window.clapper.getTracks()) peer.addTrack(track, window.clapper);
    await peer.setLocalDescription();
    await new Promise((resolve) => { peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && resolve(); });
    return peer.localDescription.sdp;
  });
  const answer = await site.evaluate(async (sdp) => {
    const peer = window.direct = new RTCPeerConnection();
    peer.ontrack = ({ streams }) => {
      if (!window.isDirect) window.watch(streams[0], "direct");
      window.isDirect = true;
    };
    await peer.setRemoteDescription({ type: "offer", sdp });
    await peer.setLocalDescription();
    await new Promise((resolve) => { peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && resolve(); });
    return peer.localDescription.sdp;
  }, offer);
  await chair.evaluate((sdp) => window.direct.setRemoteDescription({ type: "answer", sdp }), answer);
  await new Promise((resolve) => setTimeout(resolve, (FLASHES + 5) * 1000));
  const seen = await site.evaluate(() => window.seen);
  const bridge = summary(seen.bridge), direct = summary(seen.direct);
  console.log(JSON.stringify({ picture_after_sound: { bridge, direct }, bridge_adds_ms: bridge.median_ms - direct.median_ms }));
} finally {
  await hall.close();
}

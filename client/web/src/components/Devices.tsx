import { useMemo, useState } from "preact/hooks";
import {
  camera, cameraHindrance, choose, closeCamera, found, microphone, microphoneHindrance, openDevices,
} from "../devices";
import { t } from "../texts";
import { Meter } from "./Meter";
import { Picture } from "./Picture";

const NONE = "none";
const TONE_S = 1.5;

// A tone that swells and fades: nobody is frightened in a quiet hall.
async function playTone(): Promise<void> {
  const context = new AudioContext();
  const tone = context.createOscillator();
  const gain = context.createGain();
  const start = context.currentTime;
  tone.frequency.setValueAtTime(523, start);
  tone.frequency.setValueAtTime(659, start + TONE_S / 2);
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(0.25, start + 0.2);
  gain.gain.linearRampToValueAtTime(0, start + TONE_S);
  tone.connect(gain).connect(context.destination);
  tone.start();
  tone.stop(start + TONE_S);
  await new Promise((resolve) => { tone.onended = resolve; });
  await context.close();
}

function Choice({ kind }: { kind: "microphone" | "camera" }) {
  const text = t().page;
  const track = kind === "microphone" ? microphone.value : camera.value;
  const devices = kind === "microphone" ? found.value.microphones : found.value.cameras;
  const take = (id: string): void => {
    if (id === NONE) closeCamera();
    else void choose(kind, id);
  };
  return (
    <label>
      {text[kind]}
      <select value={track?.getSettings().deviceId ?? NONE} onChange={(event) => take(event.currentTarget.value)}>
        {devices.map((device) => <option key={device.deviceId} value={device.deviceId}>{device.label}</option>)}
        {(kind === "camera" || !track) && (
          <option value={NONE}>{kind === "camera" ? text.cameraOff : text.microphone_missing}</option>
        )}
      </select>
    </label>
  );
}

function Help() {
  const text = t().page;
  const microphoneWhy = microphoneHindrance.value;
  const cameraWhy = cameraHindrance.value;
  if (!microphoneWhy && !cameraWhy) return null;
  return (
    <div class="help" role="alert">
      {microphoneWhy && <p>{text[`microphone_${microphoneWhy}`]}</p>}
      {cameraWhy && <p>{text[`camera_${cameraWhy}`]}</p>}
      <button onClick={() => void openDevices()}>{t().retry}</button>
    </div>
  );
}

export function Devices() {
  const text = t().page;
  const [isPlaying, setPlaying] = useState(false);
  const stream = useMemo(() => camera.value && new MediaStream([camera.value]), [camera.value]);
  const test = async (): Promise<void> => {
    setPlaying(true);
    await playTone().catch(() => undefined);
    setPlaying(false);
  };
  return (
    <div class="devices">
      <div class="preview">
        {stream ? <Picture stream={stream} label={text.camera} mirrored /> : <p>{text.noCamera}</p>}
        <div class="preview-level">
          <Meter track={microphone.value} label={text.level} />
          <span>{text.speak}</span>
        </div>
      </div>
      <Help />
      <div class="choices">
        <Choice kind="camera" />
        <Choice kind="microphone" />
        <button class="tone" disabled={isPlaying} onClick={() => void test()}>
          {isPlaying ? text.speakerTesting : text.speakerTest}
        </button>
      </div>
    </div>
  );
}

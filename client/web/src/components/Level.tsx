import { useEffect, useRef } from "preact/hooks";
import { player, sound } from "../room";
import { t } from "../texts";

const FLOOR_DB = -60;

// Draws the level of what is heard; by canvas, so that a frame costs no rendering of the page.
function watch(canvas: HTMLCanvasElement, stream: MediaStream): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const pen = canvas.getContext("2d");
  let frame = 0;
  const draw = (): void => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    const db = 10 * Math.log10(power + 1e-10);
    const share = Math.max(0, Math.min(1, 1 - db / FLOOR_DB));
    pen?.clearRect(0, 0, canvas.width, canvas.height);
    if (pen) pen.fillStyle = db > -6 ? "#c1121f" : "#2a7f4f";
    pen?.fillRect(0, 0, canvas.width * share, canvas.height);
    frame = requestAnimationFrame(draw);
  };
  draw();
  return () => {
    cancelAnimationFrame(frame);
    void context.close();
  };
}

export function Level() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const stream = player.value?.srcObject;
  const isUp = sound.value === "connected";
  useEffect(() => {
    if (!isUp || !canvas.current || !(stream instanceof MediaStream)) return undefined;
    return watch(canvas.current, stream);
  }, [isUp, stream]);
  return <canvas ref={canvas} class="level" width={600} height={12} aria-label={t().volume} />;
}

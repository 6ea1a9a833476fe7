import { useEffect, useRef } from "preact/hooks";

const FLOOR_DB = -60;
const LOUD_DB = -6;
const QUIET = "#5bd48e", LOUD = "#ffb703";

// Draws the level of a track; by canvas, so that a frame costs no rendering of the page.
function watch(canvas: HTMLCanvasElement, track: MediaStreamTrack): () => void {
  // A closed microphone is silent for all who have its track; the meter shows what it would send.
  const own = track.clone();
  own.enabled = true;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(new MediaStream([own])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const pen = canvas.getContext("2d");
  let frame = 0;
  const draw = (): void => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    const db = 10 * Math.log10(power + 1e-10);
    const share = Math.max(0, Math.min(1, 1 - db / FLOOR_DB));
    pen?.clearRect(0, 0, canvas.width, canvas.height);
    if (pen) pen.fillStyle = db > LOUD_DB ? LOUD : QUIET;
    pen?.fillRect(0, 0, canvas.width * share, canvas.height);
    frame = requestAnimationFrame(draw);
  };
  draw();
  return () => {
    cancelAnimationFrame(frame);
    own.stop();
    void context.close();
  };
}

export function Meter({ track, label }: { track: MediaStreamTrack | null; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => (track && canvas.current ? watch(canvas.current, track) : undefined), [track]);
  return <canvas ref={canvas} class="meter" width={400} height={14} role="img" aria-label={label} />;
}

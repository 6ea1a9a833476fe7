import { useEffect, useRef } from "preact/hooks";
import { sound } from "../room";
import { language, t } from "../texts";
import { type Advice, isKept, phase, progress, result, run, way } from "./measure";

const KBPS_PER_MBPS = 1000;

const figure = (value: number | undefined, unit: string): string =>
  value === undefined ? "–" : `${value.toLocaleString(language.value, { maximumFractionDigits: 1 })} ${unit}`;

const rate = (kbps: number | undefined): string => kbps !== undefined && kbps >= KBPS_PER_MBPS
  ? figure(kbps / KBPS_PER_MBPS, "Mb/s") : figure(kbps, "kb/s");

function advise(code: Advice): string {
  const text = t().test;
  return code === "jitter" ? text.jitter_advice : text[code];
}

function Figures() {
  const text = t().test;
  const found = result.value;
  if (!found) return null;
  return (
    <table>
      <thead>
        <tr><th scope="col">{text.measure}</th><th scope="col">{text.up}</th><th scope="col">{text.down}</th></tr>
      </thead>
      <tbody>
        <tr><th scope="row">{text.loss}</th><td>{figure(found.loss_up, "%")}</td><td>{figure(found.loss_down, "%")}</td></tr>
        <tr>
          <th scope="row">{text.jitter}</th>
          <td>{figure(found.jitter_up_ms, "ms")}</td><td>{figure(found.jitter_down_ms, "ms")}</td>
        </tr>
        <tr>
          <th scope="row">{text.rate}</th>
          <td>{rate(found.up_kbps)}</td><td>≥ {rate(found.down_kbps)}</td>
        </tr>
        <tr><th scope="row">{text.rtt}</th><td colSpan={2}>{figure(found.rtt_ms, "ms")}</td></tr>
      </tbody>
    </table>
  );
}

function Findings() {
  const text = t().test;
  const found = result.value;
  if (phase.value !== "done" || !found) return null;
  return (
    <div class={`findings verdict-${found.verdict}`} data-verdict={found.verdict}>
      <p class="verdict">{text[found.verdict]}</p>
      {found.advice.length > 0 && <ul>{found.advice.map((code) => <li key={code}>{advise(code)}</li>)}</ul>}
      <Figures />
      {way.value && <p>{text[`way_${way.value}`]}</p>}
      <p class="muted">{isKept.value ? text.kept : text.notKept}</p>
    </div>
  );
}

export function LineTest({ onClose }: { onClose: () => void }) {
  const text = t().test;
  const dialog = useRef<HTMLDialogElement>(null);
  const tester = useRef<HTMLInputElement>(null);
  useEffect(() => { dialog.current?.showModal(); }, []);
  const isRunning = phase.value === "running";
  const words = { idle: null, running: text.running, done: null, refused: text.refused, busy: text.busy, floor: text.floor };
  return (
    <dialog ref={dialog} class="sheet line-test" aria-labelledby="line-test-title" onClose={onClose}>
      <h2 id="line-test-title">{text.title}</h2>
      <p>{text.intro}</p>
      <label>{text.tester}<input ref={tester} maxLength={200} autocomplete="name" /></label>
      <div role="status">
        {words[phase.value] && <p class="word">{words[phase.value]}</p>}
        <Findings />
      </div>
      {isRunning && <progress value={progress.value} aria-label={text.running} />}
      <div class="row">
        <button class="primary" disabled={isRunning || sound.value !== "connected"}
          onClick={() => void run(tester.current?.value.normalize("NFC").trim() ?? "")}>
          {phase.value === "idle" ? text.start : text.again}
        </button>
        <button onClick={() => dialog.current?.close()}>{text.close}</button>
      </div>
    </dialog>
  );
}

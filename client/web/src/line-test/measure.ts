// The line test (docs/protocol.md, "The line test"): the room hears itself, and both ways are
// measured. A browser can send no probes: it reads its own counters, the bridge tells its own.
import { batch, signal } from "@preact/signals";
import { call, mediaStats, setTesting, testEnded } from "../room";

export type Verdict = "good" | "usable" | "bad";
export type Advice =
  | "no-answer" | "loss-up" | "loss-down" | "delay" | "jitter" | "slow-up" | "slow-down" | "microphone-silent";
export type Way = "udp" | "tcp" | "relay";

export interface Result {
  verdict: Verdict;
  rtt_ms?: number;
  loss_up?: number;
  loss_down?: number;
  jitter_up_ms?: number;
  jitter_down_ms?: number;
  up_kbps?: number;
  down_kbps?: number;
  advice: Advice[];
}

export type Phase = "idle" | "running" | "done" | "refused" | "busy" | "floor";

export const phase = signal<Phase>("idle");
// 0 to 1.
export const progress = signal(0);
export const result = signal<Result | null>(null);
export const way = signal<Way | null>(null);
export const isKept = signal(false);

const SECONDS = 10;
const STEP_MS = 500;
const LOUD = 0.003;
const DOWNLOAD_MS = 2000;
const STREAMS = 4;
// The limits of the verdict, as nhipcau-room has them: what is good, and what is still usable.
const LIMITS = { loss: [1, 5], rtt: [250, 500], jitter: [30, 80], kbps: [240, 90] } as const;

interface Counters {
  received: number;
  lost: number;
  jitterMs: number;
  rttMs: number;
  level: number;
  outgoingKbps: number;
}

interface Measures {
  sound_packets: number;
  sound_lost: number;
  jitter_us: number;
  rtt_us: number;
}

// The browsers' own types of getStats() know only few of the fields.
type Entry = Record<string, number | string | undefined>;

const number = (entry: Entry | undefined, field: string): number => Number(entry?.[field] ?? 0);

async function count(): Promise<Counters> {
  const entries = [...((await mediaStats())?.values() ?? [])] as Entry[];
  const sound = (type: string): Entry | undefined => entries.find((one) => one.type === type && one.kind === "audio");
  const transport = entries.find((one) => one.type === "transport");
  const pair = entries.find((one) => one.id === transport?.selectedCandidatePairId)
    ?? entries.find((one) => one.type === "candidate-pair" && one.state === "succeeded");
  const local = entries.find((one) => one.id === pair?.localCandidateId);
  way.value = local ? local.candidateType === "relay" ? "relay" : local.protocol === "tcp" ? "tcp" : "udp" : null;
  return {
    received: number(sound("inbound-rtp"), "packetsReceived"),
    lost: number(sound("inbound-rtp"), "packetsLost"),
    jitterMs: number(sound("inbound-rtp"), "jitter") * 1000,
    rttMs: number(pair, "currentRoundTripTime") * 1000,
    level: number(sound("media-source"), "audioLevel"),
    outgoingKbps: number(pair, "availableOutgoingBitrate") / 1000,
  };
}

// The way in is loaded by what the page itself has loaded; it comes over TCP, so it is a lower bound.
async function download(): Promise<number> {
  const loaded = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  const largest = loaded.filter(({ initiatorType }) => initiatorType === "script" || initiatorType === "other")
    .sort((a, b) => b.decodedBodySize - a.decodedBodySize)[0];
  const address = largest?.name ?? "/main.js";
  const start = performance.now();
  let bytes = 0;
  const load = async (): Promise<void> => {
    while (performance.now() - start < DOWNLOAD_MS) {
      const answer = await fetch(address, { cache: "no-store" });
      bytes += (await answer.arrayBuffer()).byteLength;
    }
  };
  await Promise.all(Array.from({ length: STREAMS }, load));
  return (bytes * 8) / (performance.now() - start);
}

export function judge(found: Omit<Result, "verdict" | "advice">, isSilent: boolean): Result {
  const advice: Advice[] = [];
  let worst = 0;
  const look = (value: number | undefined, [good, usable]: readonly [number, number], code: Advice): void => {
    if (value === undefined) return;
    const sign = good > usable ? -1 : 1;
    const grade = value * sign <= good * sign ? 0 : value * sign <= usable * sign ? 1 : 2;
    if (grade > 0) advice.push(code);
    worst = Math.max(worst, grade);
  };
  if (found.loss_down === undefined) return { ...found, verdict: "bad", advice: ["no-answer"] };
  look(found.loss_up, LIMITS.loss, "loss-up");
  look(found.loss_down, LIMITS.loss, "loss-down");
  look(found.rtt_ms, LIMITS.rtt, "delay");
  look(Math.max(found.jitter_up_ms ?? 0, found.jitter_down_ms ?? 0), LIMITS.jitter, "jitter");
  look(found.up_kbps, LIMITS.kbps, "slow-up");
  look(found.down_kbps, LIMITS.kbps, "slow-down");
  if (isSilent) advice.push("microphone-silent");
  const verdict = isSilent ? "bad" : (["good", "usable", "bad"] as const)[worst] ?? "bad";
  return { ...found, verdict, advice };
}

const tenth = (value: number): number => Math.round(value * 10) / 10;
const share = (lost: number, all: number): number => tenth((100 * Math.max(0, lost)) / Math.max(1, all));

function findings(first: Counters, seen: Counters[], bridge: Measures, downKbps: number): Result {
  const last = seen.at(-1) ?? first;
  const received = last.received - first.received;
  const lost = last.lost - first.lost;
  const trips = seen.map(({ rttMs }) => rttMs).filter((ms) => ms > 0).sort((a, b) => a - b);
  const rtt = trips[trips.length >> 1] ?? bridge.rtt_us / 1000;
  const up = Math.max(...seen.map(({ outgoingKbps }) => outgoingKbps));
  const isSilent = Math.max(...seen.map(({ level }) => level)) < LOUD;
  if (received === 0) return judge({}, isSilent);
  return judge({
    rtt_ms: tenth(rtt),
    loss_up: share(bridge.sound_lost, bridge.sound_packets + bridge.sound_lost),
    loss_down: share(lost, received + lost),
    jitter_up_ms: tenth(bridge.jitter_us / 1000),
    jitter_down_ms: tenth(last.jitterMs),
    ...(up > 0 ? { up_kbps: Math.round(up) } : {}),
    down_kbps: Math.round(downKbps),
  }, isSilent);
}

async function watch(seen: Counters[]): Promise<void> {
  const start = performance.now();
  while (performance.now() - start < SECONDS * 1000 && !testEnded.value) {
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    seen.push(await count());
    progress.value = Math.min(1, (performance.now() - start) / (SECONDS * 1000));
  }
}

export async function run(tester: string): Promise<void> {
  batch(() => { phase.value = "running"; progress.value = 0; result.value = null; isKept.value = false; });
  try {
    await call("line.start", { seconds: SECONDS * 2 });
  } catch (error) {
    phase.value = (error as { reason?: string }).reason === "too-many" ? "busy" : "refused";
    return;
  }
  setTesting(true);
  try {
    const first = await count();
    const seen: Counters[] = [];
    const downKbps = (await Promise.all([download(), watch(seen)]))[0];
    if (testEnded.value) {
      phase.value = "floor";
      return;
    }
    const found = findings(first, seen, await call<Measures>("line.stop"), downKbps);
    batch(() => { result.value = found; phase.value = "done"; });
    await call("line.result", { ...found, ...(tester ? { tester } : {}) });
    isKept.value = true;
  } catch {
    if (phase.value === "running") phase.value = "refused";
  } finally {
    setTesting(false);
  }
}

// What the operator knows of each room: its figures as the server tells them about once a second,
// the alarms that stand, and which program it runs; and how bad all that is.
import { computed, signal } from "@preact/signals";
import { matches } from "../desk/find";
import type { Alarm, Figure, Figures, Finding, JournalEvent, Readiness, Site, SiteReadiness, Snapshot } from "../protocol";
import { bearer, line, onEvent, onNotification, snapshot } from "../room";

export type State = "lost" | "alarm" | "media" | "weak" | "air" | "here" | "never";
// The worst first; a room that is on air stands before those of which all is well.
export const STATES: State[] = ["lost", "alarm", "media", "weak", "air", "here", "never"];

export interface Row {
  site: Site;
  state: State;
  figure: Figure | undefined;
  alarm: Alarm | undefined;
}

export interface Past {
  site: string;
  kind: Alarm["kind"];
  since: string;
  until: string | null;
}

const WEAK_LOSS = 3; // per cent
const WEAK_RTT_MS = 400;
const KEPT = 200;

export const figures = signal<ReadonlyMap<string, Figure>>(new Map());
export const alarms = signal<readonly Alarm[]>([]);
// The newest first.
export const alarmBook = signal<readonly Past[]>([]);
export const clients = signal<ReadonlyMap<string, { client: string; address: string }>>(new Map());
export const readiness = signal<ReadonlyMap<string, SiteReadiness>>(new Map());
export const wanted = signal("");
export const shownState = signal<State | "trouble" | "all">("all");
export const selected = signal<string | null>(null);

const isWeak = ({ loss_up: up, loss_down: down, rtt_ms: rtt }: Figure): boolean =>
  (up ?? 0) >= WEAK_LOSS || (down ?? 0) >= WEAK_LOSS || rtt >= WEAK_RTT_MS;

export function stateOf(site: Site, figure: Figure | undefined, alarm: Alarm | undefined, holds: boolean): State {
  if (!site.connected) return site.first_joined ? "lost" : "never";
  if (alarm) return "alarm";
  if (figure?.state !== "connected") return "media";
  if (isWeak(figure)) return "weak";
  return holds ? "air" : "here";
}

export function rowsOf(state: Snapshot | null, known: ReadonlyMap<string, Figure>, standing: readonly Alarm[]): Row[] {
  const holders = new Set(state?.floor.holders.map((request) => request.site));
  const alarmOf = new Map(standing.map((alarm) => [alarm.site, alarm]));
  const rows = (state?.sites ?? []).map((site): Row => {
    const figure = known.get(site.id);
    const alarm = alarmOf.get(site.id);
    return { site, figure, alarm, state: stateOf(site, figure, alarm, holders.has(site.id)) };
  });
  // The roster's order within a state: a stable sort keeps it.
  return rows.sort((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state));
}

export const rows = computed(() => rowsOf(snapshot.value, figures.value, alarms.value));

export const counts = computed(() => {
  const found = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>;
  for (const row of rows.value) found[row.state]++;
  return found;
});

const isTrouble = (state: State): boolean => STATES.indexOf(state) < STATES.indexOf("air");

export const shown = computed(() => rows.value.filter(({ site, state }) =>
  (shownState.value === "all" || shownState.value === state || (shownState.value === "trouble" && isTrouble(state)))
  && (wanted.value === "" || matches(`${site.name} ${site.id}`, wanted.value))));

export function takeFigures(told: Figures): void {
  const next = new Map(told.all ? [] : figures.value);
  for (const figure of told.legs) next.set(figure.site, figure);
  figures.value = next;
  if (JSON.stringify(told.alarms) !== JSON.stringify(alarms.value)) alarms.value = told.alarms;
}

export function takeAlarm({ site, kind, since }: Alarm): void {
  const others = alarms.value.filter((alarm) => alarm.site !== site);
  const book = alarmBook.value.map((past) => (past.site === site && past.until === null ? { ...past, until: since } : past));
  alarms.value = kind === "ok" ? others : [...others, { site, kind, since }];
  alarmBook.value = kind === "ok" ? book : [{ site, kind, since, until: null }, ...book].slice(0, KEPT);
}

async function fetchJson<T>(name: string): Promise<T | null> {
  try {
    const answer = await fetch(`/api/v1/meetings/${snapshot.value?.meeting.id}/${name}`, { headers: { Authorization: bearer() } });
    return answer.ok ? ((await answer.json()) as T) : null;
  } catch {
    return null; // The desk says already that the line is lost.
  }
}

interface Connected {
  site: string | null;
  client: string | null;
  address: string;
}

async function loadClients(): Promise<void> {
  const list = await fetchJson<Connected[]>("connections.json");
  if (list) clients.value = new Map(list.flatMap(({ site, client, address }) => (site ? [[site, { client: client ?? "", address }]] : [])));
}

async function loadReadiness(): Promise<void> {
  const found = await fetchJson<Readiness>("readiness.json");
  if (found) readiness.value = new Map(found.sites.map((each) => [each.site, each]));
}

function takeReadiness(params: Record<string, unknown>): void {
  const { site, item } = params as { site: string; item: keyof SiteReadiness };
  const before = readiness.value.get(site) ?? { site, name: "", line: null, sound: null, picture: null, backup: null };
  readiness.value = new Map(readiness.value).set(site, { ...before, [item]: params[item] as Finding });
}

const CLIENTS_MS = 2000;
let timer: ReturnType<typeof setTimeout> | undefined;

// Who comes brings a program; many come at once.
function followClients(event: JournalEvent): void {
  if (event.type !== "site.joined" || timer !== undefined) return;
  timer = setTimeout(() => {
    timer = undefined;
    void loadClients();
  }, CLIENTS_MS);
}

let isStarted = false;

export function startWall(): void {
  if (isStarted) return;
  isStarted = true;
  onNotification((method, params) => {
    if (method === "media.figures") takeFigures(params as unknown as Figures);
    else if (method === "media.alarm") takeAlarm(params as unknown as Alarm);
    else if (method === "site.readiness") takeReadiness(params);
  });
  onEvent(followClients);
  // What was told before a lost line is not what is now.
  line.subscribe((now) => {
    if (now !== "open") {
      figures.value = new Map();
      alarms.value = [];
      return;
    }
    void loadClients();
    void loadReadiness();
  });
}

// What this page knows and can do: one store for all components.
import { batch, computed, signal } from "@preact/signals";
import { Connection, type Line } from "./connection";
import { Fold } from "./fold";
import { microphone, openDevices, openMicrophone } from "./devices";
import { Media, type Sound } from "./media";
import type { FloorRequest, Hello, Hint, Joined, JournalEvent, Role, Snapshot } from "./protocol";
import { RpcError } from "./protocol";
import { t } from "./texts";

export type Entrance = "checking" | "ready" | "bad-link" | "too-many" | "no-server" | "entering" | "inside";

export const entrance = signal<Entrance>("checking");
export const line = signal<Line>("connecting");
export const sound = signal<Sound>("off");
export const snapshot = signal<Snapshot | null>(null);
export const role = signal<Role>("site");
export const ownSite = signal<string | null>(null);
export const account = signal<string | null>(null);
export const hasMicrophone = computed(() => microphone.value !== null);
export const isHeard = signal(false);
export const isSeen = signal(false);
// What the page can say before it is in the meeting.
export const joinedMeeting = signal<{ title: string; site: string | null } | null>(null);
// The person asked for a line test before joining: it begins once the room's sound is there.
export const isTestWanted = signal(false);
export const testing = signal(false);
// The running test was ended by the server: the room got the floor, or its time was over.
export const testEnded = signal(false);
export const complaint = signal<string | null>(null);
export const player = signal<HTMLAudioElement | null>(null);

let joined: Joined | null = null;
let connection: Connection | null = null;

export const bearer = (): string => `Bearer ${joined?.token ?? ""}`;
let media: Media | null = null;
let fold: Fold | null = null;
let isStale = false;
const listeners = new Set<(event: JournalEvent) => void>();

// A frame of the screen shows all events since the last one. A page in the background gets no
// frames, and must stay right all the same.
const BACKGROUND_MS = 100;

export const me = computed(
  () => snapshot.value?.sites.find((site) => site.id === ownSite.value) ?? null,
);

// This room has the chair's powers: its own, lent, or because the chair is lost.
export const chairs = computed<boolean>(() => {
  const meeting = snapshot.value?.meeting;
  if (role.value === "chair") return true;
  return role.value === "site" && ownSite.value !== null && meeting !== undefined
    && (meeting.delegate === ownSite.value || meeting.acting?.site === ownSite.value);
});

// This room's request that still lives, and the last one that has ended.
export const ownRequest = computed<FloorRequest | null>(() => {
  const floor = snapshot.value?.floor;
  if (!floor) return null;
  const isOwn = (request: FloorRequest): boolean => request.site === ownSite.value;
  return floor.holders.find(isOwn) ?? floor.queue.find(isOwn) ?? null;
});

export const lastEnded = computed<FloorRequest | null>(
  () => snapshot.value?.floor.past.filter((request) => request.site === ownSite.value).at(-1) ?? null,
);

export function siteName(id: string): string {
  return snapshot.value?.sites.find((site) => site.id === id)?.name ?? id;
}

// The key stands in the address, and only there: /j/<key>.
export async function checkLink(): Promise<void> {
  const key = /^\/j\/([A-Za-z0-9_-]+)$/.exec(location.pathname)?.[1];
  if (!key) {
    entrance.value = "bad-link";
    return;
  }
  entrance.value = "checking";
  try {
    const answer = await fetch("/api/v1/join", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ key }),
    });
    if (answer.ok) {
      joined = (await answer.json()) as Joined;
      role.value = joined.role;
      ownSite.value = joined.site;
      entrance.value = "ready";
      void nameMeeting();
    } else entrance.value = answer.status === 429 ? "too-many" : "bad-link";
  } catch {
    entrance.value = "no-server";
  }
}

async function nameMeeting(): Promise<void> {
  try {
    const answer = await fetch("/api/v1/meetings", { headers: { Authorization: bearer() } });
    const [meeting] = (await answer.json()) as { title: string; site_name?: string }[];
    if (meeting) joinedMeeting.value = { title: meeting.title, site: meeting.site_name ?? null };
  } catch {
    // The page can be joined without the name.
  }
}

let devices: Promise<void> | null = null;

// A room is asked for camera and microphone as soon as its page is there, and shows what they give.
// A desk sends no picture; who only observes is asked for nothing.
export function devicesReady(): Promise<void> {
  if (role.value === "observer") return Promise.resolve();
  devices ??= role.value === "site" || role.value === "chair" ? openDevices() : openMicrophone();
  return devices;
}

export async function enter(): Promise<void> {
  if (!joined) return;
  entrance.value = "entering";
  connection = new Connection(joined.token, joined.meeting, {
    line: (value) => {
      line.value = value;
      if (value === "replaced" || value === "refused") media?.disconnect();
    },
    hello: takeHello,
    event: takeEvent,
    notification: takeNotification,
  });
  media = new Media(connection, (value) => {
    sound.value = value;
  });
  player.value = media.player;
  await devicesReady();
  connection.open();
}

function takeEvent(event: JournalEvent): void {
  fold?.take(event);
  for (const listener of listeners) listener(event);
  if (isStale) return;
  isStale = true;
  requestAnimationFrame(showState);
  setTimeout(showState, BACKGROUND_MS);
}

function showState(): void {
  if (!isStale) return;
  isStale = false;
  if (fold) snapshot.value = fold.publish();
  followMicrophone();
}

// For what is no part of the state, such as messages. Returns how to stop.
export function onEvent(listener: (event: JournalEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

type Hearer = (method: string, params: Record<string, unknown>) => void;
const hearers = new Set<Hearer>();

// For a desk's own notifications. Returns how to stop.
export function onNotification(hearer: Hearer): () => void {
  hearers.add(hearer);
  return () => hearers.delete(hearer);
}

function takeHello(hello: Hello): void {
  batch(() => {
    if (hello.state) {
      fold = new Fold(hello.state);
      snapshot.value = fold.publish();
    }
    account.value = hello.account;
    entrance.value = "inside";
  });
  if (media) media.iceServers = hello.ice_servers ?? [];
  // After a lost line the sound has usually gone on by itself.
  if (media && !media.isUp()) void media.connect();
  followMicrophone();
}

function takeNotification(method: string, params: Record<string, unknown>): void {
  if (method === "media.hint") {
    const hint = params as unknown as Hint;
    isHeard.value = hint.audio;
    wanted = hint.video;
    isSeen.value = hint.video !== null;
    followMicrophone();
  } else if (method === "media.candidate") {
    void media?.addCandidate(String(params.candidate ?? ""), String(params.mid ?? "0"));
  } else if (method === "line.ended") {
    testEnded.value = true;
  } else if (method === "media.ready") void media?.connect();
  for (const hearer of hearers) hearer(method, params);
}

// In a line test the room sends whatever it has: to itself, and nobody else.
const TEST_PICTURE = { maxHeight: 720, maxFps: 25, maxKbps: 2500 };
let wanted: Hint["video"] = null;

function followMicrophone(): void {
  media?.setLive(testing.value || (isHeard.value && !(me.value?.muted ?? false)));
  media?.setPicture(testing.value ? TEST_PICTURE : wanted);
}

export function setTesting(isTesting: boolean): void {
  testing.value = isTesting;
  if (isTesting) testEnded.value = false;
  followMicrophone();
}

export const mediaStats = (): Promise<RTCStatsReport | null> => media?.stats() ?? Promise.resolve(null);

function explain(error: unknown): string {
  if (!(error instanceof RpcError)) return t().failed;
  switch (error.reason) {
    case "not-allowed": return t().notAllowed;
    case "wrong-state": return t().wrongState;
    case "too-many": return t().tooMany;
    default: return `${t().failed}: ${error.message}`;
  }
}

export function call<T>(method: string, params: Record<string, unknown> = {}): Promise<T> {
  return connection?.call<T>(method, params)
    ?? Promise.reject(new RpcError("no connection", 0, "no-connection", null));
}

// Runs a command; what went wrong is shown, and the state stays what the events say.
export async function command(method: string, params: Record<string, unknown> = {}): Promise<boolean> {
  try {
    await connection?.call(method, params);
    complaint.value = null;
    return true;
  } catch (error) {
    complaint.value = explain(error);
    return false;
  }
}

// The shapes of docs/protocol.md. Times are RFC 3339 in UTC with microseconds.

export type Role = "chair" | "secretary" | "operator" | "site" | "observer";
export type Time = string;

export interface Actor {
  account: string | null;
  role: Role | "system";
  site: string | null;
}

export interface JournalEvent {
  seq: number;
  time: Time;
  actor: Actor;
  type: string;
  body: Record<string, unknown>;
}

export interface Person {
  name: string;
  post: string | null;
  // Whom he comes in place of, and why.
  for: string | null;
  why: string | null;
  state: "listed" | "waiting" | "approved" | "refused";
}

export type Invitation = "not-sent" | "sent" | "seen" | "confirmed";

export interface Site {
  id: string;
  name: string;
  role: Role;
  code: string | null;
  group: string | null;
  connected: boolean;
  admitted: boolean;
  muted: boolean;
  first_joined: Time | null;
  last_left: Time | null;
  invitation: Invitation;
  people: Person[];
  speeches: number;
  spoken_seconds: number;
}

export type RequestState =
  | "pending" | "accepted" | "granted" | "released" | "revoked" | "denied" | "cancelled";
export type FloorKind = "opinion" | "prepared" | "rebuttal" | "answer" | "point-of-order";

export interface FloorRequest {
  request: string;
  site: string;
  speaker: string | null;
  title: string | null;
  kind: FloorKind;
  item: string | null;
  topic: string | null;
  state: RequestState;
  position: number | null;
  requested: Time;
  granted: Time | null;
  ended: Time | null;
  // The allowance; null: no limit.
  seconds: number | null;
  // When the allowance ends; null without a limit and in a pause.
  ends: Time | null;
  // Of the grant, spent in pauses that are over.
  paused_seconds: number;
  answers: string | null;
  prepared: boolean;
  why: string | null;
  rehearsal?: true;
}

export interface Floor {
  queue: FloorRequest[];
  next: string[];
  holders: FloorRequest[];
  past_count: number;
  past: FloorRequest[];
}

export interface Note {
  note: string;
  text: string;
  time: Time;
  by: Actor;
  rehearsal?: true;
}

export interface Directive {
  directive: string;
  text: string;
  lead: string | null;
  support: string[];
  due: string | null;
  state: "issued" | "withdrawn";
  time: Time;
  by: Actor;
  why?: string | null;
  rehearsal?: true;
}

export interface AgendaItem {
  id: string;
  title: string;
  presenter: string | null;
  seconds: number | null;
  starts: Time | null;
}

export interface Agenda {
  items: AgendaItem[];
  current: string | null;
  since: Time | null;
  course: { item: string; begun: Time }[];
}

export interface PaperVersion {
  version: number;
  title: string;
  item: string | null;
  name: string;
  type: "pdf" | "docx" | "xlsx" | "pptx";
  bytes: number;
  sha256: string;
  time: Time;
  by: Actor;
}

export interface Paper {
  paper: string;
  versions: PaperVersion[];
}

export interface Opinion {
  opinion: string;
  site: string;
  speaker: string | null;
  title: string | null;
  item: string | null;
  text: string;
  time: Time;
}

export type Answer = "in-person" | "online" | "absent";

export interface RollcallAnswer {
  answer: Answer;
  why: string | null;
  present: string[];
  time: Time;
}

export interface Rollcall {
  rollcall: string;
  answers: Record<string, RollcallAnswer | null>;
  counts: Record<Answer | "uncalled", number>;
  started: Time;
  closed: Time | null;
  rehearsal?: true;
}

export type Choice = "for" | "against" | "other";

export interface Vote {
  vote: string;
  question: string;
  secret: boolean;
  early: boolean;
  seconds: number | null;
  // Of a secret vote true: that the room has voted, never what.
  ballots: Record<string, Choice | true | null>;
  counts: Record<Choice | "none", number> | null;
  opened: Time;
  closed: Time | null;
}

export interface Incident {
  type: "bridge.lost" | "bridge.restored";
  time: Time;
}

export type MeetingState = "draft" | "rehearsal" | "open" | "paused" | "closed";
export interface Named {
  name: string;
  post: string | null;
}

export interface Settings {
  title: string;
  place: string | null;
  organizer: string | null;
  type: "briefing" | "review" | "thematic" | "training" | null;
  starts: Time | null;
  ends: Time | null;
  chair: Named | null;
  secretary: Named | null;
  floors: number;
  moderated: boolean;
  speech_seconds: number | null;
  cut: boolean;
  quota_speeches: number | null;
  quota_seconds: number | null;
  lobby: boolean;
  co_chair: string | null;
  deputies: string[];
  chair_lost_seconds: number;
  chair_lost: "continue" | "pause";
}

export interface Consult {
  sites: string[];
  accounts: string[];
  check?: boolean; // the operator's, of a line
  since: Time;
}

export interface Meeting extends Settings {
  id: string;
  state: MeetingState;
  recording: boolean;
  declared: boolean;
  created: Time;
  opened: Time | null;
  // Since when it is paused.
  paused: Time | null;
  closed: Time | null;
  delegate: string | null;
  acting: { site: string | null; role: "site" | "secretary" } | null;
  queue_with_secretary: boolean;
  consult: Consult | null;
}

export const LAYOUTS = [
  "auto", "speaker", "speaker_chair", "side_by_side", "slides_speaker", "slides", "mosaic",
  "mosaic_4", "mosaic_9", "mosaic_16", "mosaic_25", "mosaic_36", "mosaic_49", "mosaic_64",
] as const;

// How the picture that everybody sees is laid out; a cell of null is the layout's to fill.
export interface Layout {
  layout: (typeof LAYOUTS)[number];
  cells: (string | null)[];
  page_seconds: number;
}

export interface Snapshot {
  meeting: Meeting;
  sites: Site[];
  floor: Floor;
  notes: Note[];
  directives: Directive[];
  agenda: Agenda;
  papers: Paper[];
  opinions: Opinion[];
  rollcalls: Rollcall[];
  votes: Vote[];
  incidents: Incident[];
  layout: Layout;
}

export interface Joined {
  token: string;
  role: Role;
  site: string | null;
  account: string | null;
  meeting: string | null;
  expires: Time;
}

export interface Hello {
  session: string;
  role: Role;
  site: string | null;
  account: string | null;
  meeting: string | null;
  version: number;
  seq: number;
  ice_servers?: RTCIceServer[];
  ice_tcp?: boolean;
  state?: Snapshot;
  events?: JournalEvent[];
}

export interface Hint {
  audio: boolean;
  video: { maxHeight: number; maxFps: number; maxKbps: number } | null;
}

// An entry of the ready lists: GET /api/v1/places.
export interface Place {
  code: string | null;
  kind: string;
  slug: string;
  name: string;
  former: string | null;
}

export class RpcError extends Error {
  constructor(
    message: string,
    readonly code: number,
    readonly reason: string,
    readonly field: string | null,
  ) {
    super(message);
  }
}

// ---- for operators ----

export interface Figure {
  site: string;
  state: string;
  level_dbov: number;
  loss_up: number | null;
  loss_down: number | null;
  rtt_ms: number;
  jitter_ms: number;
  kbps_up: number | null;
  lines: number;
  estimate_kbps: number;
}

export interface Alarm {
  site: string;
  kind: "unasked" | "howl" | "ok";
  since: Time;
}

export interface Figures {
  all: boolean;
  legs: Figure[];
  alarms: Alarm[];
}

// Of a line test (with a verdict), or of what a person has checked.
export interface Finding {
  verdict?: "good" | "usable" | "bad";
  ok?: boolean;
  note?: string;
  time: Time;
}

export interface SiteReadiness {
  site: string;
  name: string;
  line: Finding | null;
  sound: Finding | null;
  picture: Finding | null;
  backup: Finding | null;
}

export interface Readiness {
  meeting: string;
  sites: SiteReadiness[];
}

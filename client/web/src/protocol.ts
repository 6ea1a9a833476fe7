// The shapes of docs/protocol.md, as far as this page uses them.

export type Role = "chair" | "secretary" | "operator" | "site" | "observer";

export interface Actor {
  account: string | null;
  role: Role | "system";
  site: string | null;
}

export interface JournalEvent {
  seq: number;
  time: string;
  actor: Actor;
  type: string;
  body: Record<string, unknown>;
}

export interface Site {
  id: string;
  name: string;
  role: Role;
  connected: boolean;
  muted: boolean;
}

export type RequestState =
  | "pending" | "accepted" | "granted" | "released" | "revoked" | "denied" | "cancelled";

export interface FloorRequest {
  request: string;
  site: string;
  speaker: string | null;
  title: string | null;
  kind: string | null;
  item: string | null;
  topic: string | null;
  state: RequestState;
  position: number | null;
  requested: string;
  granted: string | null;
  seconds: number | null;
  why?: string | null;
}

export interface Directive {
  directive: string;
  text: string;
  lead: string | null;
  due: string | null;
  state: "issued" | "withdrawn";
}

export type MeetingState = "draft" | "rehearsal" | "open" | "paused" | "closed";

export interface Snapshot {
  meeting: { id: string; title: string; state: MeetingState; place: string | null; floors: number };
  sites: Site[];
  floor: { queue: FloorRequest[]; holders: FloorRequest[]; past: FloorRequest[] };
  directives: Directive[];
}

export interface Joined {
  token: string;
  role: Role;
  site: string | null;
  meeting: string | null;
  expires: string;
}

export interface Hello {
  session: string;
  role: Role;
  site: string | null;
  seq: number;
  ice_servers?: RTCIceServer[];
  state?: Snapshot;
  events?: JournalEvent[];
}

export interface Hint {
  audio: boolean;
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

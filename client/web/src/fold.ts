// The meeting's state as a fold over events: the same reading of the journal as the server's.
import type { Directive, FloorRequest, JournalEvent, RequestState, Site, Snapshot } from "./protocol";

type Body = Record<string, unknown>;

const text = (body: Body, key: string): string => String(body[key] ?? "");
const textOrNull = (body: Body, key: string): string | null =>
  typeof body[key] === "string" ? (body[key] as string) : null;

function withSite(state: Snapshot, id: string, change: Partial<Site>): Snapshot {
  return { ...state, sites: state.sites.map((site) => (site.id === id ? { ...site, ...change } : site)) };
}

// Places in the queue count the accepted requests from 1, in order; pending ones stand behind.
function numbered(queue: FloorRequest[]): FloorRequest[] {
  const accepted = queue.filter((request) => request.state === "accepted");
  const pending = queue.filter((request) => request.state === "pending");
  return [
    ...accepted.map((request, index) => ({ ...request, position: index + 1 })),
    ...pending.map((request) => ({ ...request, position: null })),
  ];
}

function without(list: FloorRequest[], id: string): FloorRequest[] {
  return list.filter((request) => request.request !== id);
}

function find(state: Snapshot, id: string): FloorRequest | undefined {
  return [...state.floor.queue, ...state.floor.holders].find((request) => request.request === id);
}

function requested(state: Snapshot, event: JournalEvent): Snapshot {
  const { body } = event;
  const request: FloorRequest = {
    request: text(body, "request"),
    site: text(body, "site"),
    speaker: textOrNull(body, "speaker"),
    title: textOrNull(body, "title"),
    kind: textOrNull(body, "kind"),
    item: textOrNull(body, "item"),
    topic: textOrNull(body, "topic"),
    state: "pending",
    position: null,
    requested: event.time,
    granted: null,
    seconds: null,
  };
  return { ...state, floor: { ...state.floor, queue: numbered([...state.floor.queue, request]) } };
}

function placed(state: Snapshot, body: Body): Snapshot {
  const id = text(body, "request");
  const request = find(state, id);
  if (!request) return state;
  const rest = without(state.floor.queue, id);
  const accepted = rest.filter((other) => other.state === "accepted");
  const pending = rest.filter((other) => other.state === "pending");
  accepted.splice(Number(body.position) - 1, 0, { ...request, state: "accepted" });
  return { ...state, floor: { ...state.floor, queue: numbered([...accepted, ...pending]) } };
}

function granted(state: Snapshot, event: JournalEvent): Snapshot {
  const id = text(event.body, "request");
  const request = find(state, id);
  if (!request) return state;
  const seconds = typeof event.body.seconds === "number" ? event.body.seconds : null;
  const holder: FloorRequest = { ...request, state: "granted", position: null, granted: event.time, seconds };
  return {
    ...state,
    floor: {
      ...state.floor,
      queue: numbered(without(state.floor.queue, id)),
      holders: [...without(state.floor.holders, id), holder],
    },
  };
}

function ended(state: Snapshot, body: Body, how: RequestState): Snapshot {
  const id = text(body, "request");
  const request = find(state, id);
  if (!request) return state;
  return {
    ...state,
    floor: {
      queue: numbered(without(state.floor.queue, id)),
      holders: without(state.floor.holders, id),
      past: [...state.floor.past, { ...request, state: how, position: null, why: textOrNull(body, "why") }],
    },
  };
}

function extended(state: Snapshot, body: Body): Snapshot {
  const holders = state.floor.holders.map((holder) =>
    holder.request === body.request ? { ...holder, seconds: Number(body.seconds) } : holder,
  );
  return { ...state, floor: { ...state.floor, holders } };
}

function directive(state: Snapshot, body: Body): Snapshot {
  const given: Directive = {
    directive: text(body, "directive"),
    text: text(body, "text"),
    lead: textOrNull(body, "lead"),
    due: textOrNull(body, "due"),
    state: "issued",
  };
  return { ...state, directives: [...state.directives, given] };
}

function changedDirective(state: Snapshot, body: Body, change: Partial<Directive>): Snapshot {
  return {
    ...state,
    directives: state.directives.map((each) =>
      each.directive === body.directive ? { ...each, ...change } : each,
    ),
  };
}

function withMeeting(state: Snapshot, change: Partial<Snapshot["meeting"]>): Snapshot {
  return { ...state, meeting: { ...state.meeting, ...change } };
}

export function apply(state: Snapshot, event: JournalEvent): Snapshot {
  const { body } = event;
  switch (event.type) {
    case "meeting.updated": return withMeeting(state, body as Partial<Snapshot["meeting"]>);
    case "meeting.rehearsed": return withMeeting(state, { state: "rehearsal" });
    case "meeting.opened": return withMeeting(state, { state: "open" });
    case "meeting.paused": return withMeeting(state, { state: "paused" });
    case "meeting.resumed": return withMeeting(state, { state: "open" });
    case "meeting.closed": return withMeeting(state, { state: "closed" });
    case "site.joined": return withSite(state, text(body, "site"), { connected: true });
    // A room that was replaced is there: its other connection has taken it over.
    case "site.left": return body.reason === "replaced"
      ? state : withSite(state, text(body, "site"), { connected: false });
    case "site.muted": return withSite(state, text(body, "site"), { muted: true });
    case "site.unmuted": return withSite(state, text(body, "site"), { muted: false });
    case "site.removed": return withSite(state, text(body, "site"), { connected: false });
    case "floor.requested": return requested(state, event);
    case "floor.accepted":
    case "floor.deferred":
    case "floor.reordered": return placed(state, body);
    case "floor.granted": return granted(state, event);
    case "floor.extended": return extended(state, body);
    case "floor.released": return ended(state, body, "released");
    case "floor.revoked": return ended(state, body, "revoked");
    case "floor.denied": return ended(state, body, "denied");
    case "floor.cancelled": return ended(state, body, "cancelled");
    case "directive.issued": return directive(state, body);
    case "directive.amended": return changedDirective(state, body, body as Partial<Directive>);
    case "directive.withdrawn": return changedDirective(state, body, { state: "withdrawn" });
    default: return state;
  }
}

// The meeting's state as a fold over events: the same reading of the journal as the server's.
//
// What has been shown is never changed: a part of the state is copied when the first event after
// publish() touches it, and changed in place until the next publish(). So a thousand events between
// two frames of the screen cost one copy of what they touch, and a component sees by identity what
// has changed.
import type {
  Actor, AgendaItem, Answer, Choice, Directive, FloorKind, FloorRequest, Invitation, JournalEvent,
  Meeting, PaperVersion, Person, RequestState, Rollcall, Site, Snapshot, Time, Vote,
} from "./protocol";

type Body = Record<string, unknown>;

const PAST_SHOWN = 200;
const SECOND_US = 1_000_000;

const text = (body: Body, key: string): string => String(body[key] ?? "");
const textOrNull = (body: Body, key: string): string | null =>
  typeof body[key] === "string" ? (body[key] as string) : null;
const numberOrNull = (body: Body, key: string): number | null =>
  typeof body[key] === "number" ? (body[key] as number) : null;
const list = <T>(body: Body, key: string): T[] => (body[key] as T[] | undefined) ?? [];

// Microseconds since 1970; they are exact in a double until the year 2255.
function micros(time: Time): number {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? "";
  return Date.parse(`${time.slice(0, 19)}Z`) * 1000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}

function timeOf(us: number): Time {
  const millis = Math.floor(us / 1000);
  return `${new Date(millis).toISOString().slice(0, 23)}${String(us - millis * 1000).padStart(3, "0")}Z`;
}

export function emptyState(id: string): Snapshot {
  return {
    meeting: {
      id, state: "draft", recording: true, declared: false, created: "", opened: null, paused: null,
      closed: null, delegate: null, acting: null, queue_with_secretary: true, consult: null,
    } as unknown as Meeting,
    sites: [], floor: { queue: [], next: [], holders: [], past_count: 0, past: [] },
    notes: [], directives: [], agenda: { items: [], current: null, since: null, course: [] },
    papers: [], opinions: [], rollcalls: [], votes: [], incidents: [], layout: { layout: "auto", cells: [], page_seconds: 15 },
  };
}

export class Fold {
  private fresh = new WeakSet<object>();
  private places = new Map<string, number>();

  constructor(private state: Snapshot) {
    this.index();
  }

  // The state after all events so far; nothing of it changes any more.
  publish(): Snapshot {
    this.fresh = new WeakSet();
    return this.state;
  }

  take(event: JournalEvent): void {
    const applier = appliers[event.type];
    // A newer server may tell of what this page does not know.
    if (applier) applier(this, event.body, event);
  }

  private own<T extends object>(value: T): T {
    if (this.fresh.has(value)) return value;
    const copy = (Array.isArray(value) ? [...value] : { ...value }) as T;
    this.fresh.add(copy);
    return copy;
  }

  part<K extends keyof Snapshot>(key: K): Snapshot[K] {
    this.state = this.own(this.state);
    this.state[key] = this.own(this.state[key]);
    return this.state[key];
  }

  // An entry of a list of the state, to be changed.
  entry<T extends object>(entries: T[], index: number): T | undefined {
    const found = entries[index];
    if (found === undefined) return undefined;
    return (entries[index] = this.own(found));
  }

  // "d12" is the twelfth.
  numbered<T extends object>(entries: T[], id: string): T | undefined {
    return this.entry(entries, Number(id.slice(1)) - 1);
  }

  inside<T extends object, K extends keyof T>(owner: T, key: K): T[K] {
    owner[key] = this.own(owner[key] as object) as T[K];
    return owner[key];
  }

  meeting(): Meeting {
    return this.part("meeting");
  }

  site(id: string): Site | undefined {
    return this.entry(this.part("sites"), this.places.get(id) ?? -1);
  }

  isRehearsal(): boolean {
    return this.state.meeting.state === "rehearsal";
  }

  now(): Snapshot {
    return this.state;
  }

  index(): void {
    this.places = new Map(this.state.sites.map((site, place) => [site.id, place]));
  }
}

type Applier = (fold: Fold, body: Body, event: JournalEvent) => void;

const mark = (fold: Fold): { rehearsal?: true } => (fold.isRehearsal() ? { rehearsal: true } : {});

function created(fold: Fold, body: Body, event: JournalEvent): void {
  const { sites, agenda, ...settings } = body;
  Object.assign(fold.meeting(), settings, { created: event.time });
  fold.part("agenda").items = (agenda as AgendaItem[]) ?? [];
  const rooms = fold.part("sites");
  for (const site of (sites as Site[]) ?? [])
    rooms.push({
      ...site, connected: false, admitted: false, muted: false, first_joined: null, last_left: null,
      invitation: "not-sent", speeches: 0, spoken_seconds: 0,
    });
  fold.index();
}

// ---- the meeting's way from draft to close ----

const begin: Applier = (fold, _body, event) => {
  Object.assign(fold.meeting(), { state: "open", opened: event.time });
  const sites = fold.part("sites");
  for (let place = 0; place < sites.length; place++) {
    const site = sites[place];
    // What was spoken in the rehearsal counts against nobody.
    if (site && (site.speeches > 0 || site.spoken_seconds > 0))
      Object.assign(fold.entry(sites, place) ?? {}, { speeches: 0, spoken_seconds: 0 });
  }
};

// How much of a speech passed in the pause that has lasted until `us`.
function standing(meeting: Meeting, request: FloorRequest, us: number): number {
  if (meeting.paused === null || request.granted === null) return 0;
  return us - Math.max(micros(meeting.paused), micros(request.granted));
}

const pausedUs = (request: FloorRequest): number => Math.round(request.paused_seconds * SECOND_US);

function endsOf(meeting: Meeting, request: FloorRequest): Time | null {
  const runs = meeting.state === "open" || meeting.state === "rehearsal";
  if (request.seconds === null || request.granted === null || !runs) return null;
  return timeOf(micros(request.granted) + pausedUs(request) + request.seconds * SECOND_US);
}

function followHolders(fold: Fold, change: (request: FloorRequest) => void): void {
  const floor = fold.part("floor");
  const holders = fold.inside(floor, "holders");
  for (let place = 0; place < holders.length; place++) {
    const request = fold.entry(holders, place);
    if (request) change(request);
  }
}

const paused: Applier = (fold, _body, event) => {
  Object.assign(fold.meeting(), { state: "paused", paused: event.time });
  followHolders(fold, (request) => { request.ends = null; });
};

const resumed: Applier = (fold, _body, event) => {
  const meeting = fold.meeting();
  followHolders(fold, (request) => {
    request.paused_seconds = (pausedUs(request) + standing(meeting, request, micros(event.time))) / SECOND_US;
  });
  Object.assign(meeting, { state: "open", paused: null });
  followHolders(fold, (request) => { request.ends = endsOf(meeting, request); });
};

const closed: Applier = (fold, _body, event) => {
  Object.assign(fold.meeting(), { state: "closed", paused: null, closed: event.time });
};

// ---- rooms and their people ----

const withSite = (change: (site: Site, body: Body, event: JournalEvent) => void): Applier =>
  (fold, body, event) => {
    const site = fold.site(text(body, "site"));
    if (site) change(site, body, event);
  };

const joined = withSite((site, _body, event) => {
  site.connected = true;
  site.first_joined ??= event.time;
});

// A room that was replaced is there: its other connection has taken it over.
const left = withSite((site, body, event) => {
  site.connected = body.reason === "replaced";
  site.last_left = event.time;
});

const removed = withSite((site, _body, event) => {
  if (site.connected) site.last_left = event.time;
  site.connected = false;
  site.admitted = false;
});

const admitted: Applier = (fold, body) => {
  for (const id of list<string>(body, "sites")) {
    const site = fold.site(id);
    if (site) site.admitted = true;
  }
};

const judged = (state: Person["state"]): Applier => withSite((site, body) => {
  site.people = site.people.map((person) => (person.name === body.name ? { ...person, state } : person));
});

// ---- the floor: a request is in exactly one of queue, holders and past ----

// Accepted ones first, in order, positions from 1; pending ones behind them.
function renumber(fold: Fold): void {
  const floor = fold.part("floor");
  const queue = fold.inside(floor, "queue");
  for (let place = 0; place < queue.length; place++) {
    const request = queue[place];
    const position = request?.state === "accepted" ? place + 1 : null;
    if (request && request.position !== position)
      Object.assign(fold.entry(queue, place) ?? {}, { position });
  }
  floor.next = queue.filter((request) => request.state === "accepted").slice(0, 2)
    .map((request) => request.request);
}

function pick(fold: Fold, from: "queue" | "holders", id: string): FloorRequest | undefined {
  const requests = fold.inside(fold.part("floor"), from);
  const place = requests.findIndex((request) => request.request === id);
  const request = fold.entry(requests, place);
  if (request) requests.splice(place, 1);
  return request;
}

const requested: Applier = (fold, body, event) => {
  fold.inside(fold.part("floor"), "queue").push({
    request: text(body, "request"), site: text(body, "site"), speaker: textOrNull(body, "speaker"),
    title: textOrNull(body, "title"), kind: text(body, "kind") as FloorKind,
    item: textOrNull(body, "item"), topic: textOrNull(body, "topic"), state: "pending",
    position: null, requested: event.time, granted: null, ended: null, seconds: null, ends: null,
    paused_seconds: 0, answers: textOrNull(body, "answers"), prepared: false, why: null,
    ...mark(fold),
  });
};

const placed: Applier = (fold, body) => {
  const request = pick(fold, "queue", text(body, "request"));
  if (!request) return;
  request.state = "accepted";
  fold.inside(fold.part("floor"), "queue").splice(Number(body.position) - 1, 0, request);
  renumber(fold);
};

const granted: Applier = (fold, body, event) => {
  const request = pick(fold, "queue", text(body, "request"));
  if (!request) return;
  Object.assign(request, {
    state: "granted", position: null, granted: event.time, seconds: numberOrNull(body, "seconds"),
  });
  request.ends = endsOf(fold.now().meeting, request);
  fold.inside(fold.part("floor"), "holders").push(request);
  renumber(fold);
};

const extended: Applier = (fold, body) => {
  followHolders(fold, (request) => {
    if (request.request !== body.request) return;
    request.seconds = numberOrNull(body, "seconds");
    request.ends = endsOf(fold.now().meeting, request);
  });
};

const prepared: Applier = (fold, body) => {
  const queue = fold.inside(fold.part("floor"), "queue");
  const request = fold.entry(queue, queue.findIndex((each) => each.request === body.request));
  if (request) request.prepared = true;
};

// What a speech took of its room's share.
function count(fold: Fold, request: FloorRequest, us: number): void {
  const site = fold.site(request.site);
  if (!site || request.granted === null) return;
  const still = pausedUs(request) + standing(fold.now().meeting, request, us);
  const before = Math.round(site.spoken_seconds * SECOND_US);
  site.speeches++;
  site.spoken_seconds = (before + us - micros(request.granted) - still) / SECOND_US;
}

const ended = (state: RequestState): Applier => (fold, body, event) => {
  const id = text(body, "request");
  const request = pick(fold, "holders", id) ?? pick(fold, "queue", id);
  if (!request) return;
  if (request.state === "granted") count(fold, request, micros(event.time));
  Object.assign(request, {
    state, position: null, ended: event.time, ends: null, why: textOrNull(body, "why"),
  });
  const floor = fold.part("floor");
  const past = fold.inside(floor, "past");
  past.push(request);
  if (past.length > PAST_SHOWN) past.shift();
  floor.past_count++;
  renumber(fold);
};

// ---- what is written down ----

const by = (event: JournalEvent): { time: Time; by: Actor } => ({ time: event.time, by: event.actor });

const noted: Applier = (fold, body, event) => {
  fold.part("notes").push({ note: text(body, "note"), text: text(body, "text"), ...by(event), ...mark(fold) });
};

const issued: Applier = (fold, body, event) => {
  fold.part("directives").push({
    directive: text(body, "directive"), text: text(body, "text"), lead: textOrNull(body, "lead"),
    support: list<string>(body, "support"), due: textOrNull(body, "due"), state: "issued",
    ...by(event), ...mark(fold),
  });
};

// Null takes a lead or a date back; the others stay when they are not said.
const amended: Applier = (fold, body) => {
  const directive = fold.numbered<Directive>(fold.part("directives"), text(body, "directive"));
  if (!directive) return;
  if ("lead" in body) directive.lead = textOrNull(body, "lead");
  if ("due" in body) directive.due = textOrNull(body, "due");
  if (typeof body.text === "string") directive.text = body.text;
  if (Array.isArray(body.support)) directive.support = body.support as string[];
};

const withdrawn: Applier = (fold, body) => {
  const directive = fold.numbered<Directive>(fold.part("directives"), text(body, "directive"));
  if (directive) Object.assign(directive, { state: "withdrawn", why: textOrNull(body, "why") });
};

const submitted: Applier = (fold, body, event) => {
  fold.part("opinions").push({
    opinion: text(body, "opinion"), site: text(body, "site"), speaker: textOrNull(body, "speaker"),
    title: textOrNull(body, "title"), item: textOrNull(body, "item"), text: text(body, "text"),
    time: event.time,
  });
};

const paperAdded: Applier = (fold, body, event) => {
  const { paper: id, ...version } = body;
  const papers = fold.part("papers");
  const known = fold.numbered(papers, String(id));
  const added = { ...version, ...by(event) } as unknown as PaperVersion;
  if (known) fold.inside(known, "versions").push(added);
  else papers.push({ paper: String(id), versions: [added] });
};

// ---- roll calls, votes, the agenda ----

const called: Applier = (fold, body, event) => {
  const { sites } = fold.now();
  fold.part("rollcalls").push({
    rollcall: text(body, "rollcall"), answers: Object.fromEntries(sites.map((site) => [site.id, null])),
    counts: { "in-person": 0, online: 0, absent: 0, uncalled: sites.length },
    started: event.time, closed: null, ...mark(fold),
  });
};

const answered: Applier = (fold, body, event) => {
  const rollcall = fold.numbered<Rollcall>(fold.part("rollcalls"), text(body, "rollcall"));
  if (!rollcall) return;
  const answers = fold.inside(rollcall, "answers");
  const counts = fold.inside(rollcall, "counts");
  const id = text(body, "site");
  const answer = text(body, "answer") as Answer;
  counts[answers[id]?.answer ?? "uncalled"]--;
  counts[answer]++;
  answers[id] = { answer, why: textOrNull(body, "why"), present: list(body, "present"), time: event.time };
};

const rollcallClosed: Applier = (fold, body, event) => {
  const rollcall = fold.numbered<Rollcall>(fold.part("rollcalls"), text(body, "rollcall"));
  if (rollcall) rollcall.closed = event.time;
};

const voteOpened: Applier = (fold, body, event) => {
  fold.part("votes").push({
    vote: text(body, "vote"), question: text(body, "question"), secret: body.secret === true,
    early: body.early === true, seconds: numberOrNull(body, "seconds"),
    ballots: Object.fromEntries(list<string>(body, "eligible").map((id) => [id, null])),
    counts: null, opened: event.time, closed: null,
  });
};

const voteCast: Applier = (fold, body) => {
  const vote = fold.numbered<Vote>(fold.part("votes"), text(body, "vote"));
  if (vote) fold.inside(vote, "ballots")[text(body, "site")] = (body.choice as Choice | null) ?? true;
};

const voteClosed: Applier = (fold, body, event) => {
  const vote = fold.numbered<Vote>(fold.part("votes"), text(body, "vote"));
  if (vote) Object.assign(vote, { counts: body.counts, closed: event.time });
};

const advanced: Applier = (fold, body, event) => {
  const agenda = fold.part("agenda");
  const item = text(body, "item");
  fold.inside(agenda, "course").push({ item, begun: event.time });
  Object.assign(agenda, { current: item, since: event.time });
};

// ---- who is in charge ----

const acting: Applier = (fold, body) => {
  const site = textOrNull(body, "site");
  fold.meeting().acting = { site, role: site === null ? "secretary" : "site" };
};

const consultOpened: Applier = (fold, body, event) => {
  fold.meeting().consult = { sites: list(body, "sites"), accounts: list(body, "accounts"), check: body.check === true, since: event.time };
};

const meetingIs = (change: Partial<Meeting>): Applier => (fold) => {
  Object.assign(fold.meeting(), change);
};

const incident: Applier = (fold, _body, event) => {
  fold.part("incidents").push({ type: event.type as "bridge.lost", time: event.time });
};

const appliers: Record<string, Applier | undefined> = {
  "meeting.created": created,
  "meeting.declared": meetingIs({ declared: true }),
  "meeting.updated": (fold, body) => { Object.assign(fold.meeting(), body); },
  "meeting.rehearsed": meetingIs({ state: "rehearsal" }),
  "meeting.prepared": meetingIs({ state: "draft" }),
  "meeting.opened": begin,
  "meeting.paused": paused,
  "meeting.resumed": resumed,
  "meeting.closed": closed,
  "site.joined": joined,
  "site.left": left,
  "site.admitted": admitted,
  "site.muted": withSite((site) => { site.muted = true; }),
  "site.unmuted": withSite((site) => { site.muted = false; }),
  "site.removed": removed,
  "roster.changed": withSite((site, body) => { site.people = list<Person>(body, "people"); }),
  "roster.approved": judged("approved"),
  "roster.refused": judged("refused"),
  "invitation.marked": withSite((site, body) => { site.invitation = body.state as Invitation; }),
  "floor.requested": requested,
  "floor.accepted": placed,
  "floor.deferred": placed,
  "floor.reordered": placed,
  "floor.prepared": prepared,
  "floor.granted": granted,
  "floor.extended": extended,
  "floor.released": ended("released"),
  "floor.revoked": ended("revoked"),
  "floor.denied": ended("denied"),
  "floor.cancelled": ended("cancelled"),
  "directive.issued": issued,
  "directive.amended": amended,
  "directive.withdrawn": withdrawn,
  "note.added": noted,
  "opinion.submitted": submitted,
  "paper.added": paperAdded,
  "consult.opened": consultOpened,
  "consult.closed": meetingIs({ consult: null }),
  "layout.changed": (fold, body) => { Object.assign(fold.part("layout"), body); },
  "chair.delegated": (fold, body) => { fold.meeting().delegate = text(body, "site"); },
  "chair.recalled": meetingIs({ delegate: null }),
  "chair.acting": acting,
  "chair.returned": meetingIs({ acting: null }),
  "queue.delegated": meetingIs({ queue_with_secretary: true }),
  "queue.recalled": meetingIs({ queue_with_secretary: false }),
  "rollcall.started": called,
  "rollcall.answered": answered,
  "rollcall.closed": rollcallClosed,
  "agenda.changed": (fold, body) => { fold.part("agenda").items = list<AgendaItem>(body, "items"); },
  "agenda.advanced": advanced,
  "vote.opened": voteOpened,
  "vote.cast": voteCast,
  "vote.closed": voteClosed,
  "bridge.lost": incident,
  "bridge.restored": incident,
};

export const foldedTypes = (): string[] => Object.keys(appliers);

// An event as a sentence.
import type { JournalEvent, Snapshot } from "../protocol";
import { siteName, snapshot } from "../room";
import { t } from "../texts";
import type { StoryWords } from "../texts/vi";
import { clock, day } from "./time";

const QUOTED = 300;

const textOf = (value: unknown): string => {
  const text = typeof value === "string" ? value : "";
  return text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text;
};

interface Known {
  site: string;
  speaker: string | null;
  topic: string | null;
  granted: string | null;
  paused_seconds: number;
}

// The state keeps only the newest requests that are over; a story may tell of any.
const older = new Map<string, Known>();

export function remember({ type, body, time }: JournalEvent): void {
  const id = String(body.request);
  if (type === "floor.requested") older.set(id, { granted: null, paused_seconds: 0, ...body } as unknown as Known);
  const known = older.get(id);
  if (type === "floor.granted" && known) known.granted = time;
}

function requestOf(state: Snapshot | null, id: unknown): Known | undefined {
  if (!state || typeof id !== "string") return undefined;
  const { queue, holders, past } = state.floor;
  return [...holders, ...queue, ...past].find((each) => each.request === id) ?? older.get(id);
}

const counts = (given: unknown, prefix: "choice" | "answer"): string => {
  const words = prefix === "choice" ? t().chair : t().desk;
  return Object.entries((given ?? {}) as Record<string, number>)
    .map(([key, n]) => `${(words as Record<string, unknown>)[`${prefix}_${key}`] as string} ${n}`).join(", ");
};

function changed(body: Record<string, unknown>): string {
  const text = t();
  const parts: string[] = [];
  if (typeof body.text === "string") parts.push(textOf(body.text));
  if ("lead" in body) parts.push(`${text.chair.lead}: ${body.lead ? siteName(String(body.lead)) : text.desk.undetermined}`);
  if ("due" in body) parts.push(`${text.chair.due}: ${body.due ? day(String(body.due)) : text.desk.undetermined}`);
  return parts.length > 0 ? ` (${parts.join("; ")})` : "";
}

function wordsOf({ body, time }: JournalEvent): StoryWords {
  const state = snapshot.value;
  const text = t();
  const request = requestOf(state, body.request);
  const site = body.site ?? request?.site;
  const why = textOf(body.why);
  const names = (list: unknown): string[] => (Array.isArray(list) ? list.map((id) => siteName(String(id))) : []);
  const after = (word: string, mark: string): string => (word ? `${mark}${word}` : "");
  const took = request?.granted ? (Date.parse(time) - Date.parse(request.granted)) / 1000 - request.paused_seconds : 0;
  return {
    site: site === null || site === undefined ? text.desk.secretary : siteName(String(site)),
    sites: [...names(body.sites), ...(Array.isArray(body.accounts) ? body.accounts.map(String) : [])].join(", "),
    name: textOf(body.name), position: String(body.position ?? ""), left: String(body.left ?? ""),
    speaker: after(textOf(request?.speaker), ", "), topic: after(textOf(request?.topic), ": "),
    minutes: clock(Number(body.seconds ?? 0)), took: took > 0 ? ` (${clock(took)})` : "",
    why: why ? text.story.reason(why) : "", text: textOf(body.text), directive: textOf(body.directive),
    changed: changed(body), title: textOf(body.title), question: textOf(body.question),
    answer: text.desk[`answer_${String(body.answer)}` as "answer_online"] ?? "",
    counts: counts(body.counts, body.vote ? "choice" : "answer"),
    item: textOf(state?.agenda.items.find((item) => item.id === body.item)?.title),
    from: body.from ? siteName(String(body.from)) : "", to: body.to ? siteName(String(body.to)) : text.story.everyone,
  };
}

// Null for what is no part of a meeting's course.
export function story(event: JournalEvent): string | null {
  const line = t().story[event.type as keyof ReturnType<typeof t>["story"]] as
    string | ((words: StoryWords) => string) | undefined;
  if (line === undefined) return null;
  return typeof line === "function" ? line(wordsOf(event)) : line;
}

export function actorName({ actor }: JournalEvent): string {
  if (actor.site) return siteName(actor.site);
  const words = t().desk;
  return actor.role === "secretary" || actor.role === "operator" || actor.role === "chair"
    ? words[actor.role] : words.system;
}

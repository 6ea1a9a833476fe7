// The running minutes: every event of the meeting, from the beginning, as it comes.
import { signal } from "@preact/signals";
import type { JournalEvent } from "../protocol";
import { bearer, onEvent, snapshot } from "../room";
import { remember } from "../desk/story";

export const course = signal<JournalEvent[]>([]);
export const isWhole = signal(true);

const SHOW_MS = 200;
let waiting: JournalEvent[] = [];
let isDue = false;

// A burst of events is shown at once: one new list for all that came meanwhile.
function show(): void {
  isDue = false;
  const last = course.value.at(-1)?.seq ?? 0;
  const news = waiting.filter((event) => event.seq > last);
  waiting = [];
  if (news.length > 0) course.value = [...course.value, ...news];
}

async function fetchJournal(): Promise<void> {
  const id = snapshot.value?.meeting.id ?? "";
  const answer = await fetch(`/api/v1/meetings/${id}/journal.jsonl`, { headers: { Authorization: bearer() } });
  if (!answer.ok) throw new Error(String(answer.status));
  const events = (await answer.text()).split("\n").filter(Boolean).map((line) => JSON.parse(line) as JournalEvent);
  for (const event of events) remember(event);
  // What came by the line while the journal was on its way stands in both.
  const last = events.at(-1)?.seq ?? 0;
  course.value = [...events, ...course.value.filter((event) => event.seq > last)];
}

let isStarted = false;

export function startCourse(): void {
  if (isStarted) return;
  isStarted = true;
  onEvent((event) => {
    waiting.push(event);
    if (isDue) return;
    isDue = true;
    setTimeout(show, SHOW_MS);
  });
  void fetchJournal().catch(() => { isWhole.value = false; });
}

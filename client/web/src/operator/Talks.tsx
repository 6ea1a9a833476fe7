// What rooms and operators have written to each other, the newest first.
import { signal } from "@preact/signals";
import { actorName } from "../desk/story";
import { timeOfDay } from "../desk/time";
import type { JournalEvent } from "../protocol";
import { onEvent, siteName } from "../room";
import { t } from "../texts";

const KEPT = 200;
const talks = signal<readonly JournalEvent[]>([]);

onEvent((event) => {
  if (event.type === "message.sent") talks.value = [event, ...talks.value].slice(0, KEPT);
});

export function Talks() {
  if (talks.value.length === 0) return <p class="muted">{t().operator.noMessages}</p>;
  return (
    <ol class="talks">
      {talks.value.map((event) => (
        <li key={event.seq}>
          <time>{timeOfDay(event.time)}</time> <strong>{actorName(event)}</strong>
          {typeof event.body.to === "string" && ` → ${siteName(event.body.to)}`}: <span class="lines">{String(event.body.text ?? "")}</span>
        </li>
      ))}
    </ol>
  );
}

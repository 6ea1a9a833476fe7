// The agenda: what was planned, what really was, and going on by one touch.
import type { AgendaItem } from "../protocol";
import { snapshot } from "../room";
import { t } from "../texts";
import { act } from "../desk/act";
import { hourMinute, now } from "../desk/time";

function Item({ item, isPast }: { item: AgendaItem; isPast: boolean }) {
  const text = t().chair;
  const agenda = snapshot.value?.agenda;
  const isCurrent = agenda?.current === item.id;
  const begun = agenda?.course.filter((each) => each.item === item.id).at(-1)?.begun;
  const late = item.starts && begun ? Math.round((Date.parse(begun) - Date.parse(item.starts)) / 60_000) : 0;
  const over = isCurrent && begun && item.seconds
    ? Math.floor(((now.value - Date.parse(begun)) / 1000 - item.seconds) / 60) : 0;
  return (
    <li class={isCurrent ? "is-current" : ""} aria-current={isCurrent ? "step" : undefined}>
      <div>
        <p><strong>{item.title}</strong>{" "}
          {isCurrent && <span class="tag tag-green">{text.current}</span>}
          {isPast && !isCurrent && <span class="tag">{text.done}</span>}
          {over > 0 && <span class="tag tag-red">{text.over}: {text.minutes(over)}</span>}</p>
        <p class="muted">
          {[item.presenter,
            item.starts && `${text.planned} ${hourMinute(item.starts)}`,
            item.seconds && text.minutes(Math.round(item.seconds / 60)),
            begun && `${text.actual} ${hourMinute(begun)}`,
            late > 0 && text.lateBy(late)].filter(Boolean).join(" · ")}
        </p>
      </div>
      {!isCurrent && snapshot.value?.meeting.state === "open" && (
        <button aria-label={text.beginItem(item.title)} onClick={() => void act("agenda.advance", { item: item.id })}>{text.begin}</button>
      )}
    </li>
  );
}

export function Agenda() {
  const agenda = snapshot.value?.agenda;
  if (!agenda || agenda.items.length === 0) return <p class="muted">{t().chair.noAgenda}</p>;
  const begun = new Set(agenda.course.map((each) => each.item));
  return <ol class="agenda">{agenda.items.map((item) => <Item key={item.id} item={item} isPast={begun.has(item.id)} />)}</ol>;
}

// The running minutes as they come from the journal; it follows the newest line until one reads back.
import { useEffect, useRef, useState } from "preact/hooks";
import type { JournalEvent } from "../protocol";
import { t } from "../texts";
import { actorName, story } from "../desk/story";
import { timeOfDay } from "../desk/time";
import { course, isWhole } from "./journal";

// Of a day-long meeting the newest lines; the minutes have all of it.
const SHOWN = 400;
const NEAR_PX = 60;
const TOUCH_MS = 1000;
const QUIET = /^(site\.(joined|left|muted|unmuted)|floor\.(accepted|prepared|warned|reordered)|invitation|vote\.cast)/;
const LOUD = /^(meeting\.(opened|closed|paused|resumed)|agenda\.advanced|directive\.issued|vote\.(opened|closed)|chair\.)/;

function Line({ event }: { event: JournalEvent }) {
  const words = story(event);
  if (words === null) return null;
  const weight = QUIET.test(event.type) ? "quiet" : LOUD.test(event.type) ? "loud" : "";
  return (
    <li class={weight} data-seq={event.seq} data-type={event.type}>
      <time dateTime={event.time}>{timeOfDay(event.time)}</time>
      <p>{words} <span class="muted">{actorName(event)}</span></p>
    </li>
  );
}

export function Course() {
  const text = t().secretary;
  const list = useRef<HTMLDivElement>(null);
  const [follows, setFollows] = useState(true);
  const isFollowing = useRef(true);
  const touchedAt = useRef(0);
  isFollowing.current = follows;
  const events = course.value;
  useEffect(() => {
    if (follows && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [events, follows]);
  useEffect(() => {
    const box = list.current;
    if (!box) return undefined;
    const watcher = new ResizeObserver(() => {
      if (isFollowing.current) box.scrollTop = box.scrollHeight;
    });
    watcher.observe(box);
    return () => watcher.disconnect();
  }, []);
  // A scroll that nobody's hand made, such as by a change of the window's size, leads nobody away.
  const touched = (): void => { touchedAt.current = Date.now(); };
  const scrolled = (): void => {
    const box = list.current;
    if (!box) return;
    const isNear = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
    if (isNear || Date.now() - touchedAt.current < TOUCH_MS) setFollows(isNear);
  };
  return (
    <section class="course">
      <h2>{text.running}</h2>
      <p class="muted">{isWhole.value ? text.runningHelp : text.journalFailed}</p>
      <div class="course-list" ref={list} onScroll={scrolled} onWheel={touched} onTouchMove={touched} onKeyDown={touched}
        onPointerDown={touched} tabIndex={0} role="log" aria-label={text.running}>
        {events.length === 0 && <p class="muted">{text.noneYet}</p>}
        <ol>{events.slice(-SHOWN).map((event) => <Line key={event.seq} event={event} />)}</ol>
      </div>
      {!follows && <button class="small" onClick={() => setFollows(true)}>{text.follow}</button>}
    </section>
  );
}

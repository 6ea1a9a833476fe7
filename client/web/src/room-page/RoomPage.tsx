import { useEffect } from "preact/hooks";
import { watchEvents } from "../desk/act";
import { Notices } from "../desk/parts";
import { now, startClock, timeOfDay } from "../desk/time";
import { line, me, ownSite, role, snapshot, sound } from "../room";
import { switchLanguage, t } from "../texts";
import { Actions } from "./Actions";
import { AirFrame, isOnAir } from "./AirFrame";
import { watchKeys } from "./keys";
import { watchMessages } from "./messages";
import { Stage } from "./Stage";
import { Unread } from "./Talk";
import { Tasks } from "./Tasks";
import { Who } from "./Who";

startClock();
watchEvents();
watchMessages();

function Top() {
  const text = t();
  const meeting = snapshot.value?.meeting;
  return (
    <header class="room-top">
      <div class="room-names">
        <p class="own">{me.value?.name ?? ownSite.value ?? text.desk.none}</p>
        <h1 title={meeting?.title}>{meeting?.title}</h1>
      </div>
      <div class="status">
        {meeting?.state === "rehearsal"
          ? <span class="pill pill-warn" role="status">{text.page.rehearsal}</span>
          : <span class="pill" role="status">{meeting && text[`state_${meeting.state}`]}</span>}
        <span class={`pill ${line.value === "open" ? "pill-good" : "pill-warn"}`} role="status">{text[`line_${line.value}`]}</span>
        <span class={`pill ${sound.value === "connected" ? "pill-good" : "pill-warn"}`} data-sound={sound.value}>
          {text[`sound_${sound.value}`]}
        </span>
        <time aria-label={text.desk.clock}>{timeOfDay(now.value)}</time>
        <button class="plain" onClick={switchLanguage}>{text.language}</button>
      </div>
    </header>
  );
}

export function RoomPage() {
  useEffect(watchKeys, []);
  const isStale = line.value !== "open";
  return (
    <div class={`room-page ${isStale ? "is-stale" : ""} ${isOnAir.value ? "is-air" : ""}`} data-role={role.value}>
      <Top />
      <main>
        <Stage />
        <aside aria-label={t().page.panel}>
          <Unread />
          <Tasks />
          <Who />
        </aside>
      </main>
      <Actions />
      <AirFrame />
      <Notices />
    </div>
  );
}

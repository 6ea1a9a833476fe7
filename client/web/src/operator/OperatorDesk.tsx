// The operator's desk (kỹ thuật): sees trouble before the chair does, and mends it.
import { useEffect } from "preact/hooks";
import { act } from "../desk/act";
import { Papers } from "../desk/Papers";
import { ask } from "../desk/notice";
import { Banners, Notices, Questions, Tabs, Top } from "../desk/parts";
import { timeOfDay } from "../desk/time";
import { LayoutChoice } from "../desk/Layout";
import { startDesk } from "../chair/ChairDesk";
import { line, siteName, snapshot } from "../room";
import { t } from "../texts";
import { LookChoice, Screen } from "./Look";
import { MessageForm, RoomPanel } from "./RoomPanel";
import { Readiness } from "./Readiness";
import { Talks } from "./Talks";
import { alarmBook, alarms, startWall } from "./figures";
import { Wall } from "./Wall";

const TABS = ["room", "readiness", "picture", "alarms", "messages", "papers"] as const;
type Tab = (typeof TABS)[number];

function Alarms() {
  const text = t().operator;
  if (alarmBook.value.length === 0) return <p class="muted">{text.noAlarms}</p>;
  return (
    <ol class="alarms">
      {alarmBook.value.map((past) => (
        <li key={`${past.site} ${past.since}`} class={past.until === null ? "fault" : ""}>
          <time>{timeOfDay(past.since)}</time> <strong>{siteName(past.site)}</strong>{" "}
          {text[`alarm_${past.kind as "howl" | "unasked"}`]}{past.until !== null && ` – ${text.overAt(timeOfDay(past.until))}`}
        </li>
      ))}
    </ol>
  );
}

function Picture() {
  return (
    <>
      <LayoutChoice />
      <p class="muted">{t().operator.programHelp}</p>
      <LookChoice />
      <Screen />
    </>
  );
}

const pages: Record<Tab, () => preact.JSX.Element> = {
  room: () => <RoomPanel />,
  readiness: () => <Readiness />,
  picture: () => <Picture />,
  alarms: () => <Alarms />,
  messages: () => <><MessageForm label={t().operator.messageAll} /><Talks /></>,
  papers: () => <Papers />,
};

function Course() {
  const text = t().operator;
  const state = snapshot.value?.meeting.state;
  return (
    <footer class="actions">
      {state === "draft" && <button onClick={() => void act("meeting.rehearse")}>{text.rehearse}</button>}
      {state === "rehearsal" && (
        <button onClick={() => ask(text.prepareAsk, text.prepare, () => void act("meeting.prepare"))}>{text.prepare}</button>
      )}
      {snapshot.value?.meeting.lobby && (
        <button onClick={() => void act("site.admit", { all: true })}>{text.admitAll}</button>
      )}
    </footer>
  );
}

export function OperatorDesk() {
  const text = t().operator;
  useEffect(() => {
    startDesk();
    startWall();
  }, []);
  return (
    <div class={`desk operator-desk ${line.value === "open" ? "" : "stale"}`}>
      <Top title={text.title} />
      <Banners />
      <div class="alarm-line" aria-live="assertive">
        {alarms.value.map((alarm) => (
          <p key={alarm.site} class="banner banner-lost">{siteName(alarm.site)}: {text[`alarm_${alarm.kind as "howl" | "unasked"}`]}</p>
        ))}
      </div>
      <main class="desk-main">
        <Wall />
        <Tabs label={t().chair.tabs} names={TABS.map((name): [Tab, string] => [name, text[`tab_${name}`]])} counts={{ alarms: alarms.value.length }}>
          {(open) => pages[open]()}
        </Tabs>
      </main>
      <Notices />
      <Course />
      <Questions />
    </div>
  );
}

// The secretary's desk (thư ký), live part: the minutes write themselves; the secretary adds what no
// journal can know.
import { useEffect } from "preact/hooks";
import { line, snapshot } from "../room";
import { t } from "../texts";
import { Actions } from "../chair/Actions";
import { Agenda } from "../chair/Agenda";
import { startDesk } from "../chair/ChairDesk";
import { QueueList } from "../chair/QueueList";
import { Speaking } from "../chair/Speaking";
import { Voting } from "../chair/Voting";
import { Banners, Notices, Questions, Tabs, Top } from "../desk/parts";
import { Rollcall } from "../desk/Rollcall";
import { Course } from "./Course";
import { startCourse } from "./journal";
import { Documents } from "./Documents";
import { People } from "./People";
import { Writing } from "./Writing";

const TABS = ["draft", "queue", "rollcall", "people", "agenda", "vote", "papers"] as const;
type Tab = (typeof TABS)[number];

function Floor() {
  const isOurs = snapshot.value?.meeting.queue_with_secretary;
  return (
    <>
      {!isOurs && <p class="fault">{t().secretary.chairKeepsQueue}</p>}
      <Speaking />
      <QueueList />
    </>
  );
}

const pages: Record<Tab, () => preact.JSX.Element> = {
  draft: () => <Writing />,
  queue: () => <Floor />,
  rollcall: () => <Rollcall />,
  people: () => <People />,
  agenda: () => <Agenda />,
  vote: () => <Voting />,
  papers: () => <Documents />,
};

function nameOf(tab: Tab): string {
  const { chair, secretary } = t();
  switch (tab) {
    case "draft": return secretary.tab_draft;
    case "people": return secretary.tab_people;
    case "queue": return secretary.queue;
    case "papers": return secretary.documents;
    default: return chair[`tab_${tab}`];
  }
}

export function SecretaryDesk() {
  useEffect(() => {
    startDesk();
    startCourse();
  }, []);
  const state = snapshot.value;
  const waiting = state?.sites.reduce((sum, site) => sum + site.people.filter((each) => each.state === "waiting").length, 0) ?? 0;
  const counts = { queue: state?.floor.queue.length ?? 0, people: waiting };
  return (
    <div class={`desk secretary-desk ${line.value === "open" ? "" : "stale"}`}>
      <Top title={t().secretary.title} />
      <Banners />
      <main class="desk-main">
        <Course />
        <Tabs label={t().chair.tabs} names={TABS.map((name): [Tab, string] => [name, nameOf(name)])} counts={counts}>
          {(open) => pages[open]()}
        </Tabs>
      </main>
      <Notices />
      <Actions />
      <Questions />
    </div>
  );
}

// The chair's desk (chủ tọa): one glance tells who speaks and who waits, one touch decides.
import { useEffect } from "preact/hooks";
import { line, onEvent, ownSite, siteName, snapshot } from "../room";
import { t } from "../texts";
import { watchEvents } from "../desk/act";
import { DirectiveForm, DirectiveList } from "../desk/Directives";
import { tell } from "../desk/notice";
import { Papers } from "../desk/Papers";
import { Banners, Notices, Questions, Tabs, Top } from "../desk/parts";
import { Rollcall } from "../desk/Rollcall";
import { story } from "../desk/story";
import { startClock } from "../desk/time";
import { Actions } from "./Actions";
import { Agenda } from "./Agenda";
import { QueueList } from "./QueueList";
import { Rooms } from "./Rooms";
import { Speaking } from "./Speaking";
import { Voting } from "./Voting";

let isStarted = false;

// Once for the page, however often its desk is drawn.
export function startDesk(): void {
  if (isStarted) return;
  isStarted = true;
  startClock();
  watchEvents();
  // A word that is meant for this desk's room must not be overlooked.
  onEvent((event) => {
    if (event.type === "message.sent" && ownSite.value !== null && event.body.to === ownSite.value)
      tell(story(event) ?? "");
  });
}

function Opinions() {
  const opinions = snapshot.value?.opinions ?? [];
  if (opinions.length === 0) return <p class="muted">{t().chair.noOpinions}</p>;
  return (
    <ol class="opinions">
      {opinions.map((each) => (
        <li key={each.opinion}>
          <p><strong>{siteName(each.site)}</strong> <span class="muted">{[each.speaker, each.title].filter(Boolean).join(", ")}</span></p>
          <p class="lines">{each.text}</p>
        </li>
      ))}
    </ol>
  );
}

const TABS = ["agenda", "rooms", "directives", "vote", "rollcall", "opinions", "papers"] as const;
type Tab = (typeof TABS)[number];

const pages: Record<Tab, () => preact.JSX.Element> = {
  agenda: () => <Agenda />,
  rooms: () => <Rooms />,
  directives: () => <><DirectiveList /><DirectiveForm /></>,
  vote: () => <Voting />,
  rollcall: () => <Rollcall />,
  opinions: () => <Opinions />,
  papers: () => <Papers />,
};

export function ChairDesk() {
  const text = t().chair;
  const state = snapshot.value;
  useEffect(startDesk, []);
  const counts = {
    directives: state?.directives.filter((each) => each.state === "issued" && !each.rehearsal).length ?? 0,
    opinions: state?.opinions.length ?? 0,
    vote: state?.votes.filter((vote) => vote.closed === null).length ?? 0,
    papers: state?.papers.length ?? 0,
  };
  return (
    <div class={`desk chair-desk ${line.value === "open" ? "" : "stale"}`}>
      <Top title={text.title} />
      <Banners />
      <main class="desk-main">
        <Speaking />
        <QueueList />
        <Tabs label={text.tabs} names={TABS.map((name): [Tab, string] => [name, text[`tab_${name}`]])} counts={counts}>
          {(open) => pages[open]()}
        </Tabs>
      </main>
      <Notices />
      <Actions />
      <Questions />
    </div>
  );
}

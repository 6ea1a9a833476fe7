// The wall: every room as a row, trouble on top. Only the rows in sight are in the page, so that 3,300
// rooms cost what thirty do.
import { useEffect, useRef, useState } from "preact/hooks";
import { hourMinute } from "../desk/time";
import { snapshot } from "../room";
import { language, t } from "../texts";
import { clients, counts, selected, shown, shownState, STATES, wanted, type Row, type State } from "./figures";

const ROW_PX = 52;
const BEYOND = 4; // rows above and below, for a finger that scrolls

const LEAST_DBOV = -60;

function Level({ dbov }: { dbov: number | undefined }) {
  const part = dbov === undefined ? 0 : Math.max(0, Math.min(1, (dbov - LEAST_DBOV) / -LEAST_DBOV));
  return <span class="wall-level" aria-hidden="true"><span style={{ transform: `scaleX(${part.toFixed(2)})` }} /></span>;
}

// Made once: a wall writes hundreds a second.
const tenths = { vi: new Intl.NumberFormat("vi", { maximumFractionDigits: 1 }), en: new Intl.NumberFormat("en", { maximumFractionDigits: 1 }) };
const percent = (value: number | null | undefined): string => (value === null || value === undefined ? "–" : `${tenths[language.value].format(value)} %`);

export function stateWords({ state, alarm, figure, site }: Row): string {
  const text = t().operator;
  if (state === "alarm" && alarm) return text[`alarm_${alarm.kind as "howl" | "unasked"}`];
  if (state === "media") return figure ? text.mediaLost : text.noMedia;
  if (state === "lost" && site.last_left) return text.lostSince(hourMinute(site.last_left));
  return text[`state_${state}`];
}

function WallRow({ row, top }: { row: Row; top: number }) {
  const { site, figure, state } = row;
  const text = t().operator;
  const program = clients.value.get(site.id);
  const isChosen = selected.value === site.id;
  return (
    <li class={`wall-row wall-${state}`} style={{ top: `${top}px` }}>
      <button aria-pressed={isChosen} onClick={() => { selected.value = isChosen ? null : site.id; }}>
        <span class="wall-name"><strong>{site.name}</strong><span>{stateWords(row)}</span></span>
        <Level dbov={figure?.level_dbov} />
        <span class="wall-figure"><small>{text.lossUp}</small>{percent(figure?.loss_up)}</span>
        <span class="wall-figure"><small>{text.lossDown}</small>{percent(figure?.loss_down)}</span>
        <span class="wall-figure"><small>{text.roundTrip}</small>{figure ? `${figure.rtt_ms} ms` : "–"}</span>
        <span class="wall-figure"><small>{text.rate}</small>{figure?.kbps_up ? `${figure.kbps_up} kb/s` : "–"}</span>
        <span class="wall-client">{program?.client ?? ""}</span>
      </button>
    </li>
  );
}

function useSight(): [preact.RefObject<HTMLDivElement | null>, number, number] {
  const box = useRef<HTMLDivElement | null>(null);
  const [sight, setSight] = useState({ first: 0, count: 20 });
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const look = (): void => {
      const first = Math.max(0, Math.floor(element.scrollTop / ROW_PX) - BEYOND);
      const count = Math.ceil(element.clientHeight / ROW_PX) + 2 * BEYOND;
      setSight((before) => (before.first === first && before.count === count ? before : { first, count }));
    };
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);
  return [box, sight.first, sight.count];
}

function Counts() {
  const text = t().operator;
  const choose = (state: State | "all"): void => { shownState.value = shownState.value === state ? "all" : state; };
  return (
    <div class="wall-counts" role="group" aria-label={text.filter}>
      {STATES.map((state) => (
        <button key={state} class={`wall-count wall-${state}`} aria-pressed={shownState.value === state} onClick={() => choose(state)}>
          <strong>{counts.value[state]}</strong> {text[`state_${state}`]}
        </button>
      ))}
    </div>
  );
}

export function Wall() {
  const text = t().operator;
  const [box, first, count] = useSight();
  const list = shown.value;
  const from = Math.min(first, Math.max(0, list.length - 1));
  const all = snapshot.value?.sites.length ?? 0;
  return (
    <section class="wall" aria-label={text.wall}>
      <h2>{text.wall} <span class="muted">{text.shownOf(list.length, all)}</span></h2>
      <Counts />
      <label class="wall-find">
        {t().desk.find}
        <input type="search" value={wanted.value} placeholder={t().desk.findHelp} maxLength={200}
          onInput={(event) => { wanted.value = event.currentTarget.value; }} />
      </label>
      {list.length === 0 && <p class="muted">{t().desk.noneFound}</p>}
      <div class="wall-box" ref={box} tabIndex={0} role="group" aria-label={text.wall}>
        <ul style={{ height: `${list.length * ROW_PX}px` }}>
          {list.slice(from, from + count).map((row, index) => <WallRow key={row.site.id} row={row} top={(from + index) * ROW_PX} />)}
        </ul>
      </div>
    </section>
  );
}

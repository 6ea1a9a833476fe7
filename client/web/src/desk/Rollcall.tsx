// The roll call (điểm danh): four states, by hand where a room does not answer by itself.
import type { Answer, Rollcall as Call, Site } from "../protocol";
import { role, snapshot } from "../room";
import { t } from "../texts";
import { act } from "./act";
import { clean } from "./find";
import { SiteList } from "./parts";
import { hourMinute } from "./time";

const ANSWERS: Answer[] = ["online", "in-person", "absent"];

function answer(site: string, given: Answer, why: string | null): void {
  void act("rollcall.answer", { site, answer: given, ...(why ? { why } : {}) });
}

function Called({ call, site }: { call: Call; site: Site }) {
  const text = t().desk;
  const given = call.answers[site.id];
  const isOpen = call.closed === null;
  return (
    <>
      <div class="room-name">
        <strong>{site.name}</strong>{" "}
        <span class={`tag answer-${given?.answer ?? "uncalled"}`}>{text[`answer_${given?.answer ?? "uncalled"}`]}</span>
        {given?.why && <span class="muted">{given.why}</span>}
        {given && given.present.length > 0 && <span class="muted">{given.present.join(", ")}</span>}
      </div>
      {isOpen && (
        <div class="choices" role="group" aria-label={site.name}>
          {ANSWERS.map((each) => (
            <button key={each} class="small" aria-pressed={given?.answer === each}
              onClick={() => answer(site.id, each, null)}>{text[`answer_${each}`]}</button>
          ))}
        </div>
      )}
      {isOpen && given?.answer === "absent" && role.value === "secretary" && (
        <input class="why" aria-label={`${t().secretary.why}: ${site.name}`} placeholder={t().secretary.why} maxLength={500}
          defaultValue={given.why ?? ""} onChange={(event) => answer(site.id, "absent", clean(event.currentTarget.value))} />
      )}
    </>
  );
}

export function Rollcall() {
  const text = t();
  const last = snapshot.value?.rollcalls.at(-1);
  const isOpen = last !== undefined && last.closed === null;
  const isOver = snapshot.value?.meeting.state === "closed";
  return (
    <>
      {!isOpen && !isOver && <button class={last ? "" : "primary"} onClick={() => void act("rollcall.start")}>{text.chair.startRollcall}</button>}
      {isOpen && <button onClick={() => void act("rollcall.close")}>{text.chair.closeRollcall}</button>}
      {last && (
        <>
          <p class="muted">{isOpen ? text.chair.rollcallSince(hourMinute(last.started)) : text.chair.rollcallDone(hourMinute(last.closed ?? ""))}</p>
          <ul class="counts" aria-live="polite">
            {(["online", "in-person", "absent", "uncalled"] as const).map((each) => (
              <li key={each} data-count={each}><strong>{last.counts[each]}</strong> {text.desk[`answer_${each}`]}</li>
            ))}
          </ul>
          <SiteList each={(site) => <Called call={last} site={site} />} />
        </>
      )}
    </>
  );
}

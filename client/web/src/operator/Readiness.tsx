// Before the meeting: what each room's line test has found, and what a person has checked.
import { act } from "../desk/act";
import { matches } from "../desk/find";
import type { Finding, Site, SiteReadiness } from "../protocol";
import { snapshot } from "../room";
import { t } from "../texts";
import { readiness, selected, wanted } from "./figures";

const ITEMS = ["sound", "picture", "backup"] as const;

function lineWords(finding: Finding | null | undefined): string {
  const text = t().operator;
  if (!finding?.verdict) return text.notTested;
  return text[`verdict_${finding.verdict}`];
}

const tickWords = (finding: Finding | null | undefined): string =>
  finding ? (finding.ok ? t().operator.good : t().operator.faulty) : t().operator.notTested;

const classOf = (finding: Finding | null | undefined): string => {
  if (!finding) return "tag";
  const isGood = finding.verdict ? finding.verdict === "good" : finding.ok;
  return `tag ${isGood ? "tag-green" : finding.verdict === "usable" ? "tag-amber" : "tag-red"}`;
};

export function ReadinessTicks({ site }: { site: Site }) {
  const text = t().operator;
  const found = readiness.value.get(site.id);
  return (
    <fieldset class="ticks">
      <legend>{text.checked}</legend>
      <p>{text.line}: <span class={classOf(found?.line)}>{lineWords(found?.line)}</span></p>
      {ITEMS.map((item) => (
        <p key={item} class="row">
          <span class="grow">{text[`item_${item}`]}: <span class={classOf(found?.[item])}>{tickWords(found?.[item])}</span></span>
          <button class="small" aria-label={`${text.good}: ${text[`item_${item}`]}`}
            onClick={() => void act("readiness.tick", { site: site.id, item, ok: true })}>{text.good}</button>
          <button class="small" aria-label={`${text.faulty}: ${text[`item_${item}`]}`}
            onClick={() => void act("readiness.tick", { site: site.id, item, ok: false })}>{text.faulty}</button>
        </p>
      ))}
    </fieldset>
  );
}

// Rooms of which least is known come first.
const missing = (found: SiteReadiness | undefined): number =>
  ["line", ...ITEMS].filter((item) => !found?.[item as "line"]).length;

const SHOWN = 100;

export function Readiness() {
  const text = t().operator;
  const meeting = snapshot.value?.meeting;
  const sites = (snapshot.value?.sites ?? [])
    .filter((site) => wanted.value === "" || matches(`${site.name} ${site.id}`, wanted.value))
    .sort((a, b) => Number(a.connected) - Number(b.connected) || missing(readiness.value.get(b.id)) - missing(readiness.value.get(a.id)));
  const ready = sites.filter((site) => site.connected && readiness.value.get(site.id)?.line?.verdict === "good").length;
  return (
    <>
      <p>{text.readyCount(ready, sites.length)} <a href={`/api/v1/meetings/${meeting?.id}/readiness.csv`} download>{text.asTable}</a></p>
      <div class="table-box" tabIndex={0} role="region" aria-label={text.tab_readiness}>
        <table class="readiness">
          <thead><tr><th scope="col">{text.room}</th><th scope="col">{text.line}</th>{ITEMS.map((item) => <th scope="col" key={item}>{text[`item_${item}`]}</th>)}</tr></thead>
          <tbody>
            {sites.slice(0, SHOWN).map((site) => {
              const found = readiness.value.get(site.id);
              return (
                <tr key={site.id}>
                  <th scope="row"><button class="plain" onClick={() => { selected.value = site.id; }}>{site.name}</button>
                    {!site.connected && <span class="tag tag-red">{t().desk[site.first_joined ? "away" : "notYet"]}</span>}</th>
                  <td><span class={classOf(found?.line)}>{lineWords(found?.line)}</span></td>
                  {ITEMS.map((item) => <td key={item}><span class={classOf(found?.[item])}>{tickWords(found?.[item])}</span></td>)}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {sites.length > SHOWN && <p class="muted">{text.moreRooms(sites.length - SHOWN)}</p>}
    </>
  );
}

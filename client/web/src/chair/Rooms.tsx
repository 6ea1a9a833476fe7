// Every room: give it the floor unasked, consult it in private, or hand it the meeting.
import type { Site } from "../protocol";
import { role, snapshot } from "../room";
import { t } from "../texts";
import { act } from "../desk/act";
import { LayoutChoice } from "../desk/Layout";
import { ask, tell } from "../desk/notice";
import { SiteList, SiteState } from "../desk/parts";

async function invite(site: Site): Promise<void> {
  if (await act("floor.grant", { site: site.id })) tell(t().chair.granted(site.name));
}

function Room({ site }: { site: Site }) {
  const text = t().chair;
  const meeting = snapshot.value?.meeting;
  const mayInvite = site.connected && site.role !== "observer" && site.role !== "chair"
    && (meeting?.state === "open" || meeting?.state === "rehearsal");
  return (
    <>
      <div class="room-name">
        <strong>{site.name}</strong> <SiteState site={site} />
        {site.speeches > 0 && <span class="muted">{text.spokenTimes(site.speeches)}</span>}
      </div>
      {mayInvite && <button aria-label={text.inviteAsk(site.name)} onClick={() => void invite(site)}>{text.invite}</button>}
      {site.role === "site" && site.connected && !meeting?.delegate && role.value === "chair" && meeting?.state !== "closed" && (
        <button class="small" aria-label={`${text.delegate}: ${site.name}`}
          onClick={() => ask(text.delegateAsk(site.name), text.delegate, () => void act("chair.delegate", { site: site.id }))}>
          {text.delegate}
        </button>
      )}
    </>
  );
}

export function Rooms() {
  const sites = snapshot.value?.sites ?? [];
  const connected = sites.filter((site) => site.connected).length;
  return (
    <>
      <LayoutChoice />
      <p class="muted">{t().chair.presentCount(connected, sites.length)}</p>
      <SiteList isByPresence each={(site) => <Room site={site} />} />
    </>
  );
}

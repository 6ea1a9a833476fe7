// Who waits for the floor: who, about what, since when, and what the chair can do about it.
import { useState } from "preact/hooks";
import type { FloorRequest, Site } from "../protocol";
import { role, siteName, snapshot } from "../room";
import { t } from "../texts";
import { act } from "../desk/act";
import { tell } from "../desk/notice";
import { now } from "../desk/time";

// So many are seen at a glance and need no filter.
const FEW = 5;

export const person = (request: FloorRequest): string =>
  [request.speaker, request.title].filter(Boolean).join(", ");

const kind = (request: FloorRequest): string => t().desk[`kind_${request.kind}`];

async function grant(request: FloorRequest): Promise<void> {
  await act("floor.grant", { request: request.request });
}

async function deny(request: FloorRequest): Promise<void> {
  const name = siteName(request.site);
  if (await act("floor.deny", { request: request.request }))
    tell(t().chair.denied(name), t().chair.again, () => void act("floor.grant", { site: request.site }));
}

function Buttons({ request }: { request: FloorRequest }) {
  const text = t().chair;
  const name = siteName(request.site);
  const id = { request: request.request };
  const isPending = request.state === "pending";
  return (
    <div class="queue-buttons">
      <button class="primary" aria-label={text.grantTo(name)} onClick={() => void grant(request)}>{text.grant}</button>
      {isPending
        ? <button aria-label={text.acceptTo(name)} onClick={() => void act("floor.accept", id)}>{text.accept}</button>
        : <button aria-label={text.laterTo(name)} onClick={() => void act("floor.defer", id)}>{text.later}</button>}
      {!isPending && request.position !== 1 && (
        <button aria-label={text.firstTo(name)} onClick={() => void act("floor.reorder", { ...id, position: 1 })}>{text.first}</button>
      )}
      <button class="danger" aria-label={text.denyTo(name)} onClick={() => void deny(request)}>{text.deny}</button>
    </div>
  );
}

function Entry({ request, site }: { request: FloorRequest; site: Site | undefined }) {
  const text = t().chair;
  const waited = Math.floor((now.value - Date.parse(request.requested)) / 60_000);
  return (
    <li data-request={request.request} class={request.kind === "point-of-order" ? "urgent" : ""}>
      <span class="position">{request.position ?? "–"}</span>
      <div class="queue-what">
        <p><strong>{siteName(request.site)}</strong> <span class="tag">{kind(request)}</span>
          {request.state === "pending" && <span class="tag tag-amber">{text.pending}</span>}
          {request.prepared && <span class="tag">{text.isPrepared}</span>}
          {site && !site.connected && <span class="tag tag-red">{site.first_joined ? t().desk.away : t().desk.notYet}</span>}</p>
        {person(request) && <p>{person(request)}</p>}
        {request.topic && <p class="topic">{request.topic}</p>}
        <p class="muted">{text.waiting(waited)} · {site && site.speeches > 0 ? text.spokenTimes(site.speeches) : text.notSpoken}</p>
      </div>
      <Buttons request={request} />
    </li>
  );
}

// Whose the queue is: the chair lends it to the secretary and takes it back.
function Lending() {
  const text = t().chair;
  const isLent = snapshot.value?.meeting.queue_with_secretary;
  return (
    <p class="lending">
      <span class="muted">{isLent ? text.queueWithSecretary : text.queueWithChair}</span>
      {role.value !== "secretary" && (
        <button class="small" onClick={() => void act(isLent ? "chair.recall" : "chair.delegate", { queue: true })}>
          {isLent ? text.takeQueue : text.giveQueue}
        </button>
      )}
    </p>
  );
}

export function QueueList() {
  const [group, setGroup] = useState("");
  const [isFresh, setFresh] = useState(false);
  const text = t().chair;
  const sites = new Map((snapshot.value?.sites ?? []).map((site) => [site.id, site]));
  const groups = [...new Set([...sites.values()].map((site) => site.group).filter((each) => each !== null))];
  const queue = snapshot.value?.floor.queue ?? [];
  const shown = queue.filter((request) => {
    const site = sites.get(request.site);
    return (group === "" || site?.group === group) && (!isFresh || (site?.speeches ?? 0) === 0);
  });
  return (
    <section class="queue">
      <h2>{text.queue} <span class="count">{queue.length}</span></h2>
      {queue.length > FEW && (
        <div class="filters">
          {groups.length > 1 && (
            <label>{text.group}
              <select value={group} onChange={(event) => setGroup(event.currentTarget.value)}>
                <option value="">{text.allGroups}</option>
                {groups.map((each) => <option key={each} value={each}>{each}</option>)}
              </select>
            </label>
          )}
          <label class="check">
            <input type="checkbox" checked={isFresh} onChange={(event) => setFresh(event.currentTarget.checked)} />
            {text.notSpoken}
          </label>
        </div>
      )}
      {queue.length === 0 && <p class="muted">{text.queueEmpty}</p>}
      <ol>{shown.map((request) => <Entry key={request.request} request={request} site={sites.get(request.site)} />)}</ol>
      <Lending />
    </section>
  );
}

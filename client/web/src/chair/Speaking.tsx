// Who speaks, for how long and how much is left; who is next.
import type { FloorRequest } from "../protocol";
import { call, siteName, snapshot } from "../room";
import { t } from "../texts";
import { act } from "../desk/act";
import { ask, tell } from "../desk/notice";
import { Program } from "../desk/Program";
import { clock, now } from "../desk/time";
import { person } from "./QueueList";

const EXTENSIONS = [1, 2, 5];
const ENDING_S = 60;

function spokenSeconds(holder: FloorRequest): number {
  const paused = snapshot.value?.meeting.paused;
  const until = paused ? Date.parse(paused) : now.value;
  return holder.granted ? (until - Date.parse(holder.granted)) / 1000 - holder.paused_seconds : 0;
}

function Time({ holder }: { holder: FloorRequest }) {
  const text = t().chair;
  const spoken = spokenSeconds(holder);
  if (holder.seconds === null)
    return <p class="speech-time"><strong>{clock(spoken)}</strong> {text.spoken} · {text.noLimit}</p>;
  const left = holder.seconds - spoken;
  const state = left <= 0 ? "is-over" : left <= ENDING_S ? "is-ending" : "";
  return (
    <div class={`speech-time ${state}`}>
      <p>
        <strong>{clock(Math.abs(left))}</strong> {left <= 0 ? text.over : text.left}
        <span class="muted"> · {text.spoken} {clock(spoken)} / {clock(holder.seconds)}</span>
      </p>
      <progress max={holder.seconds} value={Math.max(0, Math.min(spoken, holder.seconds))}
        aria-label={text.left} />
    </div>
  );
}

function warn(holder: FloorRequest): void {
  void act("message.send", { text: t().chair.warnText, to: holder.site })
    .then((answer) => { if (answer) tell(t().chair.warned(siteName(holder.site))); });
}

// At once, after a question; and whoever was stopped by mistake is invited again by one touch.
function stop(holder: FloorRequest): void {
  const text = t().chair;
  const name = siteName(holder.site);
  ask(text.stopAsk(name), text.stop, () => {
    void act("floor.revoke", { request: holder.request }).then((answer) => {
      if (answer) tell(text.stopped(name), text.again, () => void act("floor.grant", { site: holder.site }));
    });
  });
}

async function thankAndGrant(holder: FloorRequest, next: FloorRequest): Promise<void> {
  if (await act("floor.release", { request: holder.request })) await act("floor.grant", { request: next.request });
}

function Holder({ holder, next }: { holder: FloorRequest; next: FloorRequest | undefined }) {
  const text = t().chair;
  const site = snapshot.value?.sites.find((each) => each.id === holder.site);
  return (
    <article class="holder" data-holder={holder.site}>
      <p class="holder-name">{siteName(holder.site)}</p>
      <p>{person(holder)}</p>
      {holder.topic && <p class="muted">{holder.topic}</p>}
      {site && !site.connected && <p class="fault">{text.lost}</p>}
      {site?.muted && <p class="fault">{text.muted}</p>}
      <Time holder={holder} />
      <div class="row">
        {holder.seconds !== null && EXTENSIONS.map((minutes) => (
          <button key={minutes}
            onClick={() => void act("floor.extend", { request: holder.request, seconds: minutes * 60 })}>
            {text.extend(minutes)}
          </button>
        ))}
        <button onClick={() => warn(holder)}>{text.warn}</button>
        <button class="danger" onClick={() => stop(holder)}>{text.stop}</button>
      </div>
      <div class="row">
        <button class="grow" onClick={() => void act("floor.release", { request: holder.request })}>{text.thanks}</button>
        {next && (
          <button class="primary grow" onClick={() => void thankAndGrant(holder, next)}>
            {text.thanksNext(siteName(next.site))}
          </button>
        )}
      </div>
    </article>
  );
}

function Upcoming({ request, word }: { request: FloorRequest; word: string }) {
  const text = t().chair;
  return (
    <div class="upcoming">
      <p><span class="muted">{word}:</span> <strong>{siteName(request.site)}</strong></p>
      {request.prepared ? <span class="tag">{text.isPrepared}</span> : (
        <button aria-label={`${text.prepareButton}: ${siteName(request.site)}`}
          onClick={() => void call("floor.prepare", { request: request.request }).catch(() => undefined)}>
          {text.prepareButton}
        </button>
      )}
    </div>
  );
}

export function Speaking() {
  const text = t().chair;
  const floor = snapshot.value?.floor;
  const holders = floor?.holders ?? [];
  const [next, second] = (floor?.queue ?? []).filter((request) => request.state === "accepted");
  return (
    <section class={`speaking ${holders.length === 0 ? "is-quiet" : ""}`}>
      <Program />
      <h2>{text.nowSpeaking}</h2>
      <div aria-live="polite">
        {holders.length === 0 && <p class="nobody">{text.nobody}</p>}
      </div>
      {holders.map((holder) => <Holder key={holder.request} holder={holder} next={next} />)}
      {next && <Upcoming request={next} word={text.next} />}
      {second && <Upcoming request={second} word={text.prepare} />}
    </section>
  );
}

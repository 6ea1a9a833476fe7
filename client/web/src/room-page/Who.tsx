import { clock } from "../desk/time";
import type { FloorRequest } from "../protocol";
import { line, ownSite, siteName, snapshot } from "../room";
import { t } from "../texts";
import { secondsLeft } from "./AirFrame";

const person = (request: FloorRequest): string =>
  [request.title, request.speaker].filter(Boolean).join(" ");

function Holder({ holder }: { holder: FloorRequest }) {
  const left = secondsLeft(holder);
  return (
    <article data-holder={holder.site}>
      <p class="name">{siteName(holder.site)}</p>
      {person(holder) && <p>{person(holder)}</p>}
      {holder.topic && <p class="soft clip">{holder.topic}</p>}
      {left !== null && left > 0 && <p class="soft">{t().page.timeLeft} {clock(left)}</p>}
    </article>
  );
}

// Who speaks, who comes then, who waits; over a lost line nobody knows.
export function Who() {
  const text = t();
  if (line.value !== "open") return null;
  const floor = snapshot.value?.floor;
  const [next, prepare] = (floor?.next ?? []).map((id) => floor?.queue.find(({ request }) => request === id));
  return (
    <>
      <section class="who" aria-live="polite">
        <h2>{text.page.nowSpeaking}</h2>
        {!floor?.holders.length && <p class="soft">{text.nobody}</p>}
        {floor?.holders.map((holder) => <Holder key={holder.request} holder={holder} />)}
        {(next || prepare) && (
          <dl>
            {next && <><dt>{text.page.next}</dt><dd>{siteName(next.site)}</dd></>}
            {prepare && <><dt>{text.page.prepare}</dt><dd>{siteName(prepare.site)}</dd></>}
          </dl>
        )}
      </section>
      <section class="queue">
        <h2>{text.queue}</h2>
        {floor?.queue.length === 0 && <p class="soft">{text.queueEmpty}</p>}
        <ol tabIndex={0} aria-label={text.queue}>
          {floor?.queue.map((request) => (
            <li key={request.request} data-request={request.request}
              class={request.site === ownSite.value ? "mine" : ""}>
              <span class="position">{request.position ?? "–"}</span>
              <div>
                <strong>{siteName(request.site)}</strong>
                {person(request) && <span>{person(request)}</span>}
              </div>
            </li>
          ))}
        </ol>
      </section>
    </>
  );
}

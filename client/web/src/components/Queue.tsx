import type { FloorRequest } from "../protocol";
import { command, ownSite, role, siteName, snapshot } from "../room";
import { t } from "../texts";

function Decide({ request }: { request: FloorRequest }) {
  const text = t();
  return (
    <div class="decide">
      <button class="primary" onClick={() => void command("floor.grant", { request: request.request })}>
        {text.grant}
      </button>
      <button onClick={() => void command("floor.deny", { request: request.request })}>{text.deny}</button>
    </div>
  );
}

export function Queue() {
  const text = t();
  const queue = snapshot.value?.floor.queue ?? [];
  return (
    <section class="queue">
      <h2>{text.queue}</h2>
      {queue.length === 0 && <p class="muted">{text.queueEmpty}</p>}
      <ol>
        {queue.map((request) => (
          <li key={request.request} data-request={request.request}
            class={request.site === ownSite.value ? "mine" : ""}>
            <span class="position">{request.position ?? "–"}</span>
            <div>
              <strong>{siteName(request.site)}</strong>
              <span>{[request.title, request.speaker].filter(Boolean).join(" ")}</span>
              <span class="muted">{request.topic}</span>
              {role.value === "chair" && <Decide request={request} />}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

import { useEffect, useState } from "preact/hooks";
import type { FloorRequest } from "../protocol";
import { command, role, siteName, snapshot } from "../room";
import { t } from "../texts";

function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// Time spoken, and out of how much if the chair has set a limit.
function Time({ holder }: { holder: FloorRequest }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  const spoken = holder.granted ? (now - Date.parse(holder.granted)) / 1000 : 0;
  const isOver = holder.seconds !== null && spoken > holder.seconds;
  return (
    <span class={`time ${isOver ? "over" : ""}`}>
      {clock(spoken)}{holder.seconds !== null && ` / ${clock(holder.seconds)}`}
    </span>
  );
}

export function Speaker() {
  const text = t();
  const holders = snapshot.value?.floor.holders ?? [];
  return (
    <section class="speaker" aria-live="polite">
      <h2>{text.speaking}</h2>
      {holders.length === 0 && <p class="nobody">{text.nobody}</p>}
      {holders.map((holder) => (
        <article key={holder.request} data-holder={holder.site}>
          <p class="name">{siteName(holder.site)}</p>
          <p>{[holder.title, holder.speaker].filter(Boolean).join(" ")}</p>
          <p class="muted">{holder.topic}</p>
          <Time holder={holder} />
          {role.value === "chair" && (
            <button class="danger" onClick={() => void command("floor.revoke", { request: holder.request })}>
              {text.stop}
            </button>
          )}
        </article>
      ))}
    </section>
  );
}

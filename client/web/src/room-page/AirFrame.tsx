import { computed } from "@preact/signals";
import { act } from "../desk/act";
import { clock, now } from "../desk/time";
import type { FloorRequest } from "../protocol";
import { isHeard, line, me, ownRequest, ownSite, snapshot, sound } from "../room";
import { t } from "../texts";

const LAST_MINUTE = 60;

// Seconds left of a holder's allowance; null without a limit and in a pause.
export const secondsLeft = (holder: FloorRequest): number | null =>
  holder.ends ? (Date.parse(holder.ends) - now.value) / 1000 : null;

function Time({ holder }: { holder: FloorRequest }) {
  const text = t().page;
  const left = secondsLeft(holder);
  if (left === null) {
    const spoken = holder.granted ? (now.value - Date.parse(holder.granted)) / 1000 - holder.paused_seconds : 0;
    return <p class="air-time"><span>{text.timeSpoken}</span> <strong>{clock(spoken)}</strong></p>;
  }
  const word = left <= 0 ? text.overTime : left <= LAST_MINUTE ? text.oneMinute : null;
  return (
    <div class={`air-time ${left <= 0 ? "is-over" : left <= LAST_MINUTE ? "is-ending" : ""}`}>
      <p><span>{left <= 0 ? text.timeOver : text.timeLeft}</span> <strong>{clock(Math.abs(left))}</strong></p>
      <p class="air-word" role="alert">{word}</p>
    </div>
  );
}

const holds = computed(() => ownRequest.value?.state === "granted");
const isMutedHolder = computed(() => holds.value && (me.value?.muted ?? false));

// This room is heard by the others, or would be but for its own mute. Over a lost line nobody knows.
export const isOnAir = computed(() => line.value === "open" && sound.value === "connected"
  && snapshot.value?.meeting.state !== "paused" && (isHeard.value || isMutedHolder.value));

// Nobody in the room can overlook that all the others hear it: the only red of the page.
export function AirFrame() {
  const text = t().page;
  const isMuted = me.value?.muted ?? false;
  const own = ownRequest.value;
  if (!isOnAir.value) return null;
  const mute = isMuted ? "site.unmute" : "site.mute";
  return (
    <div class={`air ${isMuted ? "is-muted" : ""}`}>
      <div class="air-frame" aria-hidden="true" />
      <div class="air-bar">
        <p role="status">
          <strong class="air-title">{isMuted ? text.mutedAir : text.onAir}</strong>{" "}
          <span>{isMuted ? text.mutedAirHelp : text.onAirHelp}</span>
        </p>
        {own && holds.value && <Time holder={own} />}
        <button onClick={() => void act(mute, { site: ownSite.value })}>
          {isMuted ? t().unmuteSelf : t().muteSelf}
        </button>
      </div>
    </div>
  );
}

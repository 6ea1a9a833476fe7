import { command, isHeard, me, ownRequest, ownSite } from "../room";
import { t } from "../texts";

// Says, so that nobody can overlook it, that this room is heard by all the others.
export function OnAir() {
  const text = t();
  const isMuted = me.value?.muted ?? false;
  const holds = ownRequest.value?.state === "granted";
  if (!isHeard.value && !(holds && isMuted)) return null;
  const mute = isMuted ? "site.unmute" : "site.mute";
  return (
    <div class={`on-air ${isMuted ? "muted-air" : ""}`} role="status">
      <strong>{isMuted ? text.onAirMuted : text.onAir}</strong>
      <button onClick={() => void command(mute, { site: ownSite.value })}>
        {isMuted ? text.unmuteSelf : text.muteSelf}
      </button>
    </div>
  );
}

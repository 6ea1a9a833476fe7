import { command, snapshot } from "../room";
import { t } from "../texts";

export function ChairBar() {
  const text = t();
  const state = snapshot.value?.meeting.state;
  if (state === "closed") return null;
  return (
    <div class="row">
      {(state === "draft" || state === "rehearsal") && (
        <button class="primary huge" onClick={() => void command("meeting.open")}>{text.open}</button>
      )}
      {(state === "open" || state === "paused") && (
        <button onClick={() => confirm(text.confirmClose) && void command("meeting.close")}>
          {text.close}
        </button>
      )}
    </div>
  );
}

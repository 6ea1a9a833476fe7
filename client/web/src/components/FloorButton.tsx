import { useState } from "preact/hooks";
import { command, lastEnded, ownRequest, role, snapshot } from "../room";
import { t } from "../texts";

function AskForm({ onDone }: { onDone: () => void }) {
  const text = t();
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const params: Record<string, unknown> = { kind: "opinion" };
    for (const [name, value] of new FormData(event.target as HTMLFormElement)) {
      const clean = String(value).normalize("NFC").trim();
      if (clean !== "") params[name] = clean;
    }
    if (await command("floor.request", params)) onDone();
  };
  return (
    <form class="ask" onSubmit={(event) => void send(event)}>
      <label>{text.topic}<input name="topic" maxLength={500} autofocus /></label>
      <label>{text.speaker}<input name="speaker" maxLength={200} /></label>
      <label>{text.title}<input name="title" maxLength={200} /></label>
      <div class="row">
        <button class="primary" type="submit">{text.send}</button>
        <button type="button" onClick={onDone}>{text.back}</button>
      </div>
    </form>
  );
}

// The one button of a room: ask, withdraw, or give the floor back, whichever is possible now.
export function FloorButton() {
  const [isAsking, setAsking] = useState(false);
  const text = t();
  const own = ownRequest.value;
  const state = snapshot.value?.meeting.state;
  if (role.value !== "site" || state === "closed") return null;
  if (own?.state === "granted")
    return (
      <button class="danger huge" onClick={() => void command("floor.release", { request: own.request })}>
        {text.release}
      </button>
    );
  if (own)
    return (
      <div class="waiting">
        <p class="place" role="status">{own.position ? text.place(own.position) : text.pending}</p>
        <button class="huge" onClick={() => void command("floor.cancel", { request: own.request })}>
          {text.cancel}
        </button>
      </div>
    );
  if (isAsking) return <AskForm onDone={() => setAsking(false)} />;
  const ended = lastEnded.value;
  const word = ended?.state === "denied" ? text.wasDenied : ended?.state === "revoked" ? text.wasRevoked : null;
  return (
    <div>
      {word && <p class="place" role="status">{word}{ended?.why ? `: ${ended.why}` : ""}</p>}
      <button class="primary huge" disabled={state !== "open" && state !== "rehearsal"}
        onClick={() => setAsking(true)}>
        {text.ask}
      </button>
    </div>
  );
}

import { useState } from "preact/hooks";
import { act } from "../desk/act";
import { shareSlides, slides, stopSlides } from "../devices";
import { LineTest } from "../line-test/LineTest";
import {
  hasMicrophone, isHeard, isTestWanted, lastEnded, line, me, ownRequest, role, snapshot, sound,
} from "../room";
import { t } from "../texts";
import { AskForm } from "./AskForm";
import { switchFullScreen } from "./keys";
import { messages } from "./messages";
import { OpinionForm, TalkForm } from "./Talk";

type Sheet = "ask" | "talk" | "opinion" | "test";

function ended(): string | null {
  const text = t();
  const last = lastEnded.value;
  const word = last?.state === "denied" ? text.wasDenied : last?.state === "revoked" ? text.wasRevoked : null;
  return word && `${word}${last?.why ? `: ${last.why}` : ""}`;
}

function place(): string | null {
  const text = t();
  const own = line.value === "open" ? ownRequest.value : null;
  if (!own || own.state === "granted") return own ? null : ended();
  const isNext = snapshot.value?.floor.next[0] === own.request;
  const where = own.position ? text.place(own.position) : text.pending;
  if (own.prepared) return `${where}. ${text.page.prepareSelf}`;
  return isNext ? `${where}. ${text.page.youAreNext}` : where;
}

// The one large button of a room: ask, withdraw, or give the floor back, whichever is possible now.
function FloorButton({ onAsk }: { onAsk: () => void }) {
  const text = t();
  const own = ownRequest.value;
  const meeting = snapshot.value?.meeting;
  const waits = meeting?.lobby && !me.value?.admitted;
  const isLost = line.value !== "open";
  const mayAsk = !isLost && (meeting?.state === "open" || meeting?.state === "rehearsal") && !waits;
  if (own?.state === "granted")
    return (
      <button class="main-button light" disabled={isLost} onClick={() => void act("floor.release", { request: own.request })}>
        {text.release}
      </button>
    );
  if (own)
    return (
      <button class="main-button" disabled={isLost} onClick={() => void act("floor.cancel", { request: own.request })}>
        {text.cancel}
      </button>
    );
  return <button class="main-button light" disabled={!mayAsk} onClick={onAsk}>{text.ask}</button>;
}

function SlidesButton() {
  const text = t().page;
  if (typeof navigator.mediaDevices?.getDisplayMedia !== "function") return null;
  if (slides.value) return <button class="is-sharing" onClick={stopSlides}>{text.stopSlides}</button>;
  return <button onClick={() => void shareSlides()}>{text.shareSlides}</button>;
}

export function Actions() {
  const text = t();
  const [sheet, setSheet] = useState<Sheet | null>(null);
  const close = (): void => setSheet(null);
  if (isTestWanted.value && sound.value === "connected") {
    isTestWanted.value = false;
    setSheet("test");
  }
  const isRoom = role.value !== "observer";
  const isClosed = snapshot.value?.meeting.state === "closed";
  const word = place();
  return (
    <footer class="room-actions">
      <div class="own-place" role="status">
        {word && <p class="place">{word}</p>}
        {slides.value && <p class="sharing">{text.page.sharing}</p>}
        {isRoom && !hasMicrophone.value && <p class="warn">{text.page.listenOnly}</p>}
      </div>
      {isRoom && !isClosed && (
        <div class="room-buttons">
          <FloorButton onAsk={() => setSheet("ask")} />
          <SlidesButton />
          <button onClick={() => setSheet("talk")}>
            {messages.value.length > 0 ? text.page.messages(messages.value.length) : text.page.message}
          </button>
          <button onClick={() => setSheet("opinion")}>{text.page.opinion}</button>
          <button disabled={isHeard.value || sound.value !== "connected"} onClick={() => setSheet("test")}>{text.page.lineTest}</button>
          <button onClick={() => void switchFullScreen()}>{text.page.fullScreen}</button>
        </div>
      )}
      {sheet === "ask" && <AskForm onClose={close} />}
      {sheet === "talk" && <TalkForm onClose={close} />}
      {sheet === "opinion" && <OpinionForm onClose={close} />}
      {sheet === "test" && <LineTest onClose={close} />}
    </footer>
  );
}

import { act } from "../desk/act";
import { tell } from "../desk/notice";
import { Dialog } from "../desk/parts";
import { actorName } from "../desk/story";
import { hourMinute } from "../desk/time";
import { t } from "../texts";
import { filled } from "./AskForm";
import { messages, unread } from "./messages";

function List() {
  const text = t().page;
  if (messages.value.length === 0) return <p class="soft">{text.noMessages}</p>;
  return (
    <ul class="messages" tabIndex={0} aria-label={text.message}>
      {messages.value.map((message) => (
        <li key={message.seq} class={message.isOwn ? "is-own" : ""}>
          <span class="soft">{hourMinute(message.event.time)} {actorName(message.event)}</span>
          <p>{message.text}</p>
        </li>
      ))}
    </ul>
  );
}

export function TalkForm({ onClose }: { onClose: () => void }) {
  const text = t().page;
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const params = filled(form);
    if (!params.text || !await act("message.send", params)) return;
    form.reset();
    tell(text.messageSent);
    onClose();
  };
  return (
    <Dialog label={text.message} onClose={onClose}>
      <form class="room-form" onSubmit={(event) => void send(event)}>
        <h2>{text.message}</h2>
        <List />
        <label>{text.messageTo}<textarea name="text" rows={3} maxLength={2000} autofocus /></label>
        <div class="row">
          <button class="primary" type="submit">{text.messageSend}</button>
          <button type="button" onClick={onClose}>{t().back}</button>
        </div>
      </form>
    </Dialog>
  );
}

export function OpinionForm({ onClose }: { onClose: () => void }) {
  const text = t();
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const params = filled(event.currentTarget as HTMLFormElement);
    if (!params.text || !await act("opinion.submit", params)) return;
    tell(text.page.opinionSent);
    onClose();
  };
  return (
    <Dialog label={text.page.opinion} onClose={onClose}>
      <form class="room-form" onSubmit={(event) => void send(event)}>
        <h2>{text.page.opinion}</h2>
        <label>{text.page.opinionText}<textarea name="text" rows={6} maxLength={4000} autofocus /></label>
        <div class="pair">
          <label>{text.speaker}<input name="speaker" maxLength={200} /></label>
          <label>{text.title}<input name="title" maxLength={200} /></label>
        </div>
        <div class="row">
          <button class="primary" type="submit">{text.page.opinion}</button>
          <button type="button" onClick={onClose}>{text.back}</button>
        </div>
      </form>
    </Dialog>
  );
}

// A message from the operator stands on the screen until somebody in the room has read it.
export function Unread() {
  const text = t().page;
  const message = unread.value;
  if (!message) return null;
  return (
    <section class="unread" role="alert" aria-label={text.from(actorName(message.event))}>
      <p class="soft">{text.from(actorName(message.event))}</p>
      <p class="unread-text">{message.text}</p>
      <button onClick={() => { unread.value = null; }}>{text.understood}</button>
    </section>
  );
}

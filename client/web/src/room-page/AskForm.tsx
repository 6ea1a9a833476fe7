import { act } from "../desk/act";
import { Dialog } from "../desk/parts";
import type { FloorKind } from "../protocol";
import { me, snapshot } from "../room";
import { t } from "../texts";

const KINDS: FloorKind[] = ["opinion", "prepared", "rebuttal", "answer", "point-of-order"];

// The fields of a form that a person has filled, as the protocol takes texts.
export function filled(form: HTMLFormElement): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [name, value] of new FormData(form)) {
    const clean = String(value).normalize("NFC").trim();
    if (clean !== "") params[name] = clean;
  }
  return params;
}

export function AskForm({ onClose }: { onClose: () => void }) {
  const text = t();
  const agenda = snapshot.value?.agenda;
  const lead = me.value?.people[0];
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (await act("floor.request", filled(event.currentTarget as HTMLFormElement))) onClose();
  };
  return (
    <Dialog label={text.page.askTitle} onClose={onClose}>
      <form class="room-form" onSubmit={(event) => void send(event)}>
        <h2>{text.page.askTitle}</h2>
        <label>{text.topic}<input name="topic" maxLength={500} autofocus /></label>
        <div class="pair">
          <label>{text.speaker}<input name="speaker" maxLength={200} defaultValue={lead?.name ?? ""} /></label>
          <label>{text.title}<input name="title" maxLength={200} defaultValue={lead?.post ?? ""} /></label>
        </div>
        <div class="pair">
          <label>
            {text.page.kind}
            <select name="kind">{KINDS.map((kind) => <option key={kind} value={kind}>{text.desk[`kind_${kind}`]}</option>)}</select>
          </label>
          {agenda && agenda.items.length > 0 && (
            <label>
              {text.page.item}
              <select name="item" defaultValue={agenda.current ?? ""}>
                <option value="">{text.page.noItem}</option>
                {agenda.items.map((item) => <option key={item.id} value={item.id}>{item.title}</option>)}
              </select>
            </label>
          )}
        </div>
        <div class="row">
          <button class="primary" type="submit">{text.send}</button>
          <button type="button" onClick={onClose}>{text.back}</button>
        </div>
      </form>
    </Dialog>
  );
}

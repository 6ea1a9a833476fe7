// Notes against the moment, and directives while the chair concludes.
import { useState } from "preact/hooks";
import { t } from "../texts";
import { act } from "../desk/act";
import { DirectiveForm, DirectiveList } from "../desk/Directives";
import { clean } from "../desk/find";
import { tell } from "../desk/notice";
import { now, timeOfDay } from "../desk/time";

// The moment is when the first letter was typed; a note that took longer says so in its text, since
// the journal's own time is when it was saved.
const LONG_MS = 15_000;

function Note() {
  const [text, setText] = useState("");
  const [since, setSince] = useState<number | null>(null);
  const words = t().secretary;
  const write = (value: string): void => {
    setText(value);
    setSince(value === "" ? null : since ?? now.value);
  };
  const save = async (): Promise<void> => {
    const note = clean(text);
    if (note === "") return;
    const isLate = since !== null && now.value - since > LONG_MS;
    const stamped = isLate ? `[${words.noteAt(timeOfDay(since))}] ${note}` : note;
    if (!await act("minutes.note", { text: stamped })) return;
    write("");
    tell(words.noteSaved);
  };
  return (
    <form class="form" onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <label>{words.note}
        <textarea rows={3} maxLength={3900} value={text} onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={(event) => { if (event.key === "Enter" && event.ctrlKey) void save(); }} />
      </label>
      <p class="muted">{since === null ? words.noteHelp : words.noteAt(timeOfDay(since))}</p>
      <button class="primary" type="submit" disabled={text.trim() === ""}>{words.noteSave}</button>
    </form>
  );
}

export function Writing() {
  return (
    <>
      <Note />
      <h3>{t().secretary.draft}</h3>
      <DirectiveForm />
      <DirectiveList />
    </>
  );
}

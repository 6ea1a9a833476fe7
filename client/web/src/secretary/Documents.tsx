// The papers that the meeting works with, and the documents that it makes.
import { useState } from "preact/hooks";
import { bearer, snapshot } from "../room";
import { t } from "../texts";
import { clean } from "../desk/find";
import { complain, tell } from "../desk/notice";
import { Papers } from "../desk/Papers";

const TYPES: Record<string, string> = {
  pdf: "application/pdf",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
};
const extension = (name: string): string => name.split(".").at(-1)?.toLowerCase() ?? "";

async function upload(meeting: string, title: string, file: File): Promise<void> {
  const words = t().secretary;
  const type = TYPES[extension(file.name)];
  if (!type) return complain(words.paperFailed(words.paperFile));
  const query = new URLSearchParams({ title, name: clean(file.name) });
  try {
    const answer = await fetch(`/api/v1/meetings/${meeting}/papers?${String(query).replace(/\+/g, "%20")}`, {
      method: "POST", headers: { Authorization: bearer(), "Content-Type": type }, body: file,
    });
    const said = (await answer.json()) as { warnings?: string[]; error?: { message: string } };
    if (!answer.ok) complain(words.paperFailed(said.error?.message ?? String(answer.status)));
    else tell(said.warnings?.includes("late") ? words.paperLate : words.paperAdded);
  } catch {
    complain(t().desk.noLine);
  }
}

function Upload({ meeting }: { meeting: string }) {
  const [isBusy, setBusy] = useState(false);
  const words = t().secretary;
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const data = new FormData(form);
    const file = data.get("file");
    if (!(file instanceof File) || file.size === 0) return;
    setBusy(true);
    await upload(meeting, clean(String(data.get("title"))), file);
    setBusy(false);
    form.reset();
  };
  return (
    <form class="form" onSubmit={(event) => void send(event)}>
      <label>{words.paperTitle}<input name="title" required maxLength={300} /></label>
      <label>{words.paperFile}<input name="file" type="file" required accept=".pdf,.docx,.xlsx,.pptx" /></label>
      <button class="primary" type="submit" disabled={isBusy}>{words.upload}</button>
    </form>
  );
}

export function Documents() {
  const meeting = snapshot.value?.meeting;
  const words = t().secretary;
  if (!meeting) return null;
  const kinds = [["docx", words.minutesDocx], ["pdf", words.minutesPdf], ["html", words.minutesHtml], ["json", words.minutesJson]];
  return (
    <>
      <h3>{words.documents}</h3>
      <ul class="documents">
        {kinds.map(([kind, name]) => (
          <li key={kind}><a href={`/api/v1/meetings/${meeting.id}/minutes.${kind}`} target="_blank" rel="noreferrer">{name}</a></li>
        ))}
      </ul>
      <h3>{words.papers}</h3>
      <Papers />
      {meeting.state !== "closed" && <Upload meeting={meeting.id} />}
    </>
  );
}

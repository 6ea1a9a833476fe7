// A meeting by a form: what it is, its course, its rooms; looked over once more before it is made.
import { useState } from "preact/hooks";
import { clean } from "../desk/find";
import { t } from "../texts";
import { ask, Refused, type Link, type Room } from "./api";
import { opened } from "./Meetings";
import { RoomPicker } from "./RoomPicker";
import { idOf } from "./rooms";

interface Person { name: string; post?: string }
interface Draft {
  id: string; title: string; place: string; starts: string; ends: string; type: string;
  chair: Person; secretary: Person; minutes: string; agenda: string;
  recording: boolean; lobby: boolean; moderated: boolean; declared: boolean;
}

const TYPES = ["briefing", "review", "thematic", "training"] as const;
const EMPTY: Draft = {
  id: "", title: "", place: "", starts: "", ends: "", type: "", chair: { name: "", post: "" }, secretary: { name: "", post: "" },
  minutes: "5", agenda: "", recording: true, lobby: false, moderated: false, declared: false,
};

const person = ({ name, post }: Person): Person => ({ name: clean(name), ...(clean(post ?? "") ? { post: clean(post ?? "") } : {}) });
// What a browser's field has is the time of the wall; so is the meeting's.
const moment = (local: string): string | undefined => (local ? new Date(`${local}:00+07:00`).toISOString() : undefined);

// "Báo cáo | Nguyễn Văn A | 20": title, who presents, minutes.
export function agendaOf(text: string): { id: string; title: string; presenter?: string; seconds?: number }[] {
  return text.split("\n").map((line) => line.split("|").map(clean)).filter(([title]) => title).map(([title, presenter, minutes], index) => ({
    id: `muc-${index + 1}`, title: title ?? "", ...(presenter ? { presenter } : {}),
    ...(Number(minutes) > 0 ? { seconds: Math.round(Number(minutes) * 60) } : {}),
  }));
}

export function paramsOf(draft: Draft, rooms: readonly Room[], chair: string): Record<string, unknown> {
  const id = draft.id || `${idOf(draft.title, []).slice(0, 40).replace(/-$/, "")}-${Date.now().toString(36).slice(-4)}`;
  return {
    meeting: id, title: clean(draft.title), declared: draft.declared, recording: draft.recording, lobby: draft.lobby,
    moderated: draft.moderated, chair: person(draft.chair), secretary: person(draft.secretary),
    ...(clean(draft.place) ? { place: clean(draft.place) } : {}), ...(draft.type ? { type: draft.type } : {}),
    ...(draft.starts ? { starts: moment(draft.starts) } : {}), ...(draft.ends ? { ends: moment(draft.ends) } : {}),
    ...(Number(draft.minutes) > 0 ? { speech_seconds: Math.round(Number(draft.minutes) * 60) } : {}),
    agenda: agendaOf(draft.agenda),
    sites: rooms.map((room) => ({ ...room, role: room.id === chair ? "chair" : room.role === "chair" ? "site" : room.role ?? "site" })),
  };
}

function Review({ draft, rooms, chair }: { draft: Draft; rooms: Room[]; chair: string }) {
  const text = t().admin;
  const facts: [string, string][] = [
    [text.meetingTitle, clean(draft.title)], [text.chair, clean(draft.chair.name)], [text.secretary, clean(draft.secretary.name)],
    [text.rooms, text.roomCount(rooms.length)], [text.chairRoom, rooms.find(({ id }) => id === chair)?.name ?? "–"],
    [text.agenda, String(agendaOf(draft.agenda).length)], [text.recording, draft.recording ? text.yes : text.no],
  ];
  return <dl class="facts">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd><bdi>{value}</bdi></dd></div>)}</dl>;
}

export function NewMeeting({ onDone }: { onDone: () => void }) {
  const text = t().admin;
  const [draft, setDraft] = useState(EMPTY);
  const [rooms, setRooms] = useState<Room[]>([]);
  const [chair, setChair] = useState("");
  const [isReviewing, setReviewing] = useState(false);
  const [fault, setFault] = useState<{ field: string | null; words: string } | null>(null);
  const set = (change: Partial<Draft>): void => setDraft({ ...draft, ...change });
  const leading = rooms.some(({ id }) => id === chair) ? chair : "";
  const review = (event: Event): void => {
    event.preventDefault();
    setFault(rooms.length === 0 ? { field: "sites", words: text.noRooms } : leading === "" ? { field: "sites", words: text.noChairRoom } : null);
    if (rooms.length > 0 && leading !== "") setReviewing(true);
  };
  const make = async (): Promise<void> => {
    try {
      const { meeting, links } = await ask<{ meeting: string; links: Link[] }>("POST", "meetings", paramsOf(draft, rooms, leading));
      opened.value = { id: meeting, title: clean(draft.title), links };
      onDone();
    } catch (error) {
      setReviewing(false);
      setFault({ field: error instanceof Refused ? error.field : null, words: (error as Error).message });
    }
  };
  const own = (name: "title" | "place" | "id" | "starts" | "ends" | "minutes" | "agenda") => ({
    value: draft[name], "aria-invalid": fault?.field === name || undefined,
    onInput: (event: Event) => set({ [name]: (event.currentTarget as HTMLInputElement).value }),
  });
  const box = (name: "recording" | "lobby" | "moderated" | "declared", words: string, isRequired = false) => (
    <label class="check"><input type="checkbox" checked={draft[name]} required={isRequired}
      onChange={(event) => set({ [name]: event.currentTarget.checked })} /><span>{words}</span></label>
  );
  const people = (role: "chair" | "secretary") => (
    <div class="admin-line">
      <label>{text[role]}<input required maxLength={200} value={draft[role].name}
        onInput={(event) => set({ [role]: { ...draft[role], name: event.currentTarget.value } })} /></label>
      <label>{text.posts[role]}<input maxLength={200} value={draft[role].post}
        onInput={(event) => set({ [role]: { ...draft[role], post: event.currentTarget.value } })} /></label>
    </div>
  );
  return (
    <section class="new-meeting">
      <h2>{text.newMeeting}</h2>
      {fault && <p role="alert" class="complaint">{fault.field ? `${text.fieldFault(fault.field)} ` : ""}{fault.words}</p>}
      {isReviewing ? (
        <>
          <Review draft={draft} rooms={rooms} chair={leading} />
          <div class="row">
            <button class="primary" onClick={() => void make()}>{text.make}</button>
            <button onClick={() => setReviewing(false)}>{text.change}</button>
          </div>
        </>
      ) : (
        <form class="form" onSubmit={review}>
          <label>{text.meetingTitle}<input required maxLength={500} {...own("title")} /></label>
          <div class="admin-line">
            <label>{text.place}<input maxLength={200} {...own("place")} /></label>
            <label>{text.type}
              <select value={draft.type} onChange={(event) => set({ type: event.currentTarget.value })}>
                <option value="">{text.noType}</option>
                {TYPES.map((type) => <option key={type} value={type}>{text.types[type]}</option>)}
              </select>
            </label>
          </div>
          <div class="admin-line">
            <label>{text.starts}<input type="datetime-local" {...own("starts")} /></label>
            <label>{text.ends}<input type="datetime-local" {...own("ends")} /></label>
            <label>{text.minutes}<input type="number" min={0} max={240} {...own("minutes")} /></label>
          </div>
          {people("chair")}
          {people("secretary")}
          <label>{text.agenda}<textarea rows={4} maxLength={20000} placeholder={text.agendaHelp} {...own("agenda")} /></label>
          <RoomPicker rooms={rooms} chair={leading} onChange={setRooms} onChair={setChair} />
          {box("recording", text.recording)}
          {box("lobby", text.lobby)}
          {box("moderated", text.moderated)}
          {box("declared", text.declared, true)}
          <div class="row">
            <button class="primary" type="submit">{text.review}</button>
            <button type="button" onClick={onDone}>{text.cancel}</button>
          </div>
        </form>
      )}
    </section>
  );
}

// Which rooms take part, and which of them the chair sits in.
import { useState } from "preact/hooks";
import { matches } from "../desk/find";
import { t } from "../texts";
import { fault } from "./Accounts";
import type { Room } from "./api";
import { added, findPlaces, GROUPS, idOf, roomOfPlace, roomsOfFile, roomsOfGroup, type Place } from "./rooms";

const FIND_MS = 250;
let timer: ReturnType<typeof setTimeout> | undefined;

function ByName({ rooms, onChange }: { rooms: Room[]; onChange: (rooms: Room[]) => void }) {
  const [name, setName] = useState("");
  const [found, setFound] = useState<Place[]>([]);
  const text = t().admin;
  const type = (wanted: string): void => {
    setName(wanted);
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (wanted.trim().length < 2) setFound([]);
      else void findPlaces(wanted.trim()).then(setFound, fault);
    }, FIND_MS);
  };
  const take = (room: Room): void => {
    onChange(added(rooms, [room]));
    setName("");
    setFound([]);
  };
  const words = name.normalize("NFC").trim();
  return (
    <div class="form">
      <label>{text.addRoom}
        <input type="search" value={name} maxLength={200} placeholder={text.addRoomHelp} onInput={(event) => type(event.currentTarget.value)}
          onKeyDown={(event) => { if (event.key === "Enter") event.preventDefault(); }} />
      </label>
      {words && (
        <ul class="found">
          {found.slice(0, 8).map((place) => (
            <li key={place.slug}>
              <button type="button" onClick={() => take(roomOfPlace(place))}>
                {place.name}{place.former && <span class="muted"> ({text.formerly(place.former)})</span>}
              </button>
            </li>
          ))}
          <li><button type="button" onClick={() => take({ id: idOf(words, rooms), name: words })}>{text.asWritten(words)}</button></li>
        </ul>
      )}
    </div>
  );
}

function Chosen({ rooms, chair, onChange, onChair }: {
  rooms: Room[]; chair: string; onChange: (rooms: Room[]) => void; onChair: (id: string) => void;
}) {
  const [wanted, setWanted] = useState("");
  const text = t().admin;
  const shown = rooms.filter((room) => matches(`${room.name} ${room.id}`, wanted));
  return (
    <div class="picked">
      {rooms.length > 10 && (
        <label class="wall-find">{t().desk.find}
          <input type="search" value={wanted} maxLength={200} onInput={(event) => setWanted(event.currentTarget.value)} />
        </label>
      )}
      <div class="picked-box" tabIndex={0} role="group" aria-label={text.rooms}>
        <ul>
          {shown.slice(0, 400).map((room) => (
            <li key={room.id}>
              <label class="check">
                <input type="radio" name="chairRoom" checked={room.id === chair} onChange={() => onChair(room.id)} />
                <span><bdi>{room.name}</bdi> <span class="muted">{room.id}{room.id === chair ? ` · ${text.chairRoom}` : ""}</span></span>
              </label>
              <button type="button" aria-label={`${text.remove}: ${room.name}`}
                onClick={() => onChange(rooms.filter(({ id }) => id !== room.id))}>×</button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

export function RoomPicker({ rooms, chair, onChange, onChair }: {
  rooms: Room[]; chair: string; onChange: (rooms: Room[]) => void; onChair: (id: string) => void;
}) {
  const text = t().admin;
  const [fileFault, setFileFault] = useState("");
  const take = (list: Promise<Room[]>): void => void list.then((more) => onChange(added(rooms, more)), fault);
  const read = async (input: HTMLInputElement): Promise<void> => {
    const file = input.files?.[0];
    if (!file) return;
    setFileFault("");
    try {
      const more = await roomsOfFile(file);
      onChange(added(rooms, more));
      const leading = more.find(({ role }) => role === "chair");
      if (leading) onChair(leading.id);
    } catch (error) {
      setFileFault((error as Error).message);
    }
    input.value = "";
  };
  return (
    <fieldset>
      <legend>{text.rooms} <span class="tag">{text.roomCount(rooms.length)}</span></legend>
      <div class="row">
        {GROUPS.map((group) => (
          <button key={group} type="button" onClick={() => take(roomsOfGroup(group))}>{text.groups[group]}</button>
        ))}
        <label class="file-button">{text.fromFile}
          <input type="file" accept=".csv,.json,text/csv,application/json" onChange={(event) => void read(event.currentTarget)} />
        </label>
        {rooms.length > 0 && <button type="button" onClick={() => onChange([])}>{text.clear}</button>}
      </div>
      <p class="muted">{text.fileHelp}</p>
      {fileFault && <p role="alert" class="complaint">{fileFault}</p>}
      <ByName rooms={rooms} onChange={onChange} />
      <p class="muted">{text.chairHelp}</p>
      <Chosen rooms={rooms} chair={chair} onChange={onChange} onChair={onChair} />
    </fieldset>
  );
}

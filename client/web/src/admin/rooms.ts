// The rooms of a meeting that is being made: from ready lists, a file, or by name.
import { plain } from "../desk/find";
import { t } from "../texts";
import { ask, type Room } from "./api";

export interface Place {
  code: string;
  kind: string;
  slug: string;
  name: string;
  former: string | null;
}

export const GROUPS = ["34-tinh", "bo-nganh"] as const;

const roomOf = ({ slug, name, code }: Place, group?: string): Room => ({ id: slug, name, code, ...(group ? { group } : {}) });

export async function roomsOfGroup(group: string): Promise<Room[]> {
  return (await ask<Place[]>("GET", `places?group=${group}`)).map((place) => roomOf(place, group));
}

export const findPlaces = (wanted: string): Promise<Place[]> => ask<Place[]>("GET", `places?find=${encodeURIComponent(wanted)}`);

export const roomOfPlace = (place: Place): Room => roomOf(place);

// Who stands there already stays as he is.
export function added(rooms: readonly Room[], more: readonly Room[]): Room[] {
  const known = new Set(rooms.map(({ id }) => id));
  return [...rooms, ...more.filter(({ id }) => !known.has(id))];
}

// An id of a name, and one that no other room has.
export function idOf(name: string, rooms: readonly Room[]): string {
  const base = plain(name).replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 56).replace(/-$/, "") || "diem-cau";
  const known = new Set(rooms.map(({ id }) => id));
  let id = base;
  for (let n = 2; known.has(id); n++) id = `${base}-${n}`;
  return id;
}

// JSON is [{id, name, …}] or {sites: […]}, a table goes through the server, which names line and column.
export async function roomsOfFile(file: File): Promise<Room[]> {
  const text = await file.text();
  if (!file.name.toLowerCase().endsWith(".json"))
    return (await ask<{ sites: Room[] }>("POST", "roster", { name: file.name.slice(0, 200), csv: text })).sites;
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file.name}: ${(error as Error).message}`);
  }
  const list = Array.isArray(read) ? read : (read as { sites?: unknown } | null)?.sites;
  if (!Array.isArray(list)) throw new Error(`${file.name}: ${t().admin.jsonHelp}`);
  list.forEach((each: Partial<Room> | null, index) => {
    if (typeof each?.name !== "string" || each.name === "") throw new Error(`${file.name}: [${index}].name`);
  });
  const rooms: Room[] = [];
  for (const each of list as (Partial<Room> & { name: string })[]) rooms.push({ ...each, id: each.id ?? idOf(each.name, rooms) });
  return rooms;
}

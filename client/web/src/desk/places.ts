// Who can lead a directive: the rooms of the meeting and the agencies of the ready lists.
import { signal } from "@preact/signals";
import type { Place } from "../protocol";
import { bearer, snapshot } from "../room";
import { matches } from "./find";

export interface Agency {
  slug: string;
  name: string;
}

const agencies = signal<Agency[]>([]);
const names = new Map<string, string>();
const SHOWN = 12;
let isAsked = false;

async function fetchGroup(group: string): Promise<Agency[]> {
  const answer = await fetch(`/api/v1/places?group=${group}`, { headers: { Authorization: bearer() } });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()) as Place[];
}

export function loadAgencies(): void {
  if (isAsked) return;
  isAsked = true;
  void Promise.all([fetchGroup("bo-nganh"), fetchGroup("34-tinh")]).then((lists) => {
    for (const each of lists.flat()) names.set(each.slug, each.name);
    agencies.value = lists.flat();
  }).catch(() => { isAsked = false; });
}

function all(): Agency[] {
  const rooms = (snapshot.value?.sites ?? []).map((site) => ({ slug: site.id, name: site.name }));
  const known = new Set(rooms.map((room) => room.slug));
  return [...rooms, ...agencies.value.filter((each) => !known.has(each.slug))];
}

export function agencyName(slug: string): string {
  const room = snapshot.value?.sites.find((site) => site.id === slug);
  return room?.name ?? (agencies.value, names.get(slug)) ?? slug;
}

export const findAgencies = (wanted: string): Agency[] =>
  all().filter((each) => matches(`${each.name} ${each.slug}`, wanted)).slice(0, SHOWN);

// What this desk alone looks at, before others see it. The server forgets it with the media, so it is
// asked for again when these come back.
import { signal } from "@preact/signals";
import { act } from "../desk/act";
import type { Layout } from "../protocol";
import { sound } from "../room";

export interface Look {
  layout: Layout["layout"];
  cells?: string[];
  page: number;
}

export const look = signal<Look | null>(null);

async function tellServer(wanted: Look | null): Promise<boolean> {
  const params = wanted ? { layout: wanted.layout, page: wanted.page, ...(wanted.cells ? { cells: wanted.cells } : {}) } : {};
  return (await act("media.preview", params)) !== null;
}

export async function lookAt(wanted: Look | null): Promise<void> {
  if (await tellServer(wanted)) look.value = wanted;
}

let wasConnected = false;

sound.subscribe((now) => {
  const isConnected = now === "connected";
  if (isConnected && !wasConnected && look.value) void tellServer(look.value).then((isSeen) => { if (!isSeen) look.value = null; });
  wasConnected = isConnected;
});

// What is looked at goes on air, for everybody.
export async function putOnAir(): Promise<void> {
  const wanted = look.value;
  if (wanted && await act("layout.set", { layout: wanted.layout, ...(wanted.cells ? { cells: wanted.cells } : {}) })) await lookAt(null);
}

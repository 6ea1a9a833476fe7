// A look at a layout, at one room, or at all rooms in small, that only this desk has.
import { useState } from "preact/hooks";
import { layoutName } from "../desk/Layout";
import { Program } from "../desk/Program";
import { LAYOUTS, type Layout } from "../protocol";
import { siteName, snapshot } from "../room";
import { t } from "../texts";
import { look, lookAt, putOnAir } from "./preview";

const WALL = "mosaic_36";
const ON_PAGE = 36;

function pages(): number {
  const here = (snapshot.value?.sites ?? []).filter((site) => site.connected).length;
  return Math.max(1, Math.ceil(here / ON_PAGE));
}

function Looking() {
  const text = t().operator;
  const now = look.value;
  if (!now) return null;
  const turn = (step: number): void => void lookAt({ ...now, page: (now.page + step + pages()) % pages() });
  const [first] = now.cells ?? [];
  return (
    <div class="looking" role="status">
      <p><strong>{text.looking}</strong> {first ? siteName(first) : layoutName(now.layout)}</p>
      <div class="row">
        {now.layout === WALL && pages() > 1 && (
          <>
            <button onClick={() => turn(-1)}>{text.pageBefore}</button>
            <span>{text.pageOf(now.page + 1, pages())}</span>
            <button onClick={() => turn(1)}>{text.pageNext}</button>
          </>
        )}
        {now.layout !== WALL && <button class="primary" onClick={() => void putOnAir()}>{text.putOnAir}</button>}
        <button onClick={() => void lookAt(null)}>{text.endLook}</button>
      </div>
    </div>
  );
}

// The program, or what is looked at in its place.
export function Screen() {
  return (
    <div class={`screen ${look.value ? "is-look" : ""}`}>
      <Program />
      <Looking />
    </div>
  );
}

export function LookChoice() {
  const text = t().operator;
  const [wanted, setWanted] = useState<Layout["layout"]>("mosaic");
  return (
    <div class="form">
      <label class="label">{text.lookLayout}
        <select value={wanted} onChange={(event) => setWanted(event.currentTarget.value as Layout["layout"])}>
          {LAYOUTS.map((layout) => <option key={layout} value={layout}>{layoutName(layout)}</option>)}
        </select>
      </label>
      <div class="row">
        <button onClick={() => void lookAt({ layout: wanted, page: 0 })}>{text.look}</button>
        <button onClick={() => void lookAt({ layout: WALL, page: 0 })}>{text.lookAll}</button>
      </div>
    </div>
  );
}

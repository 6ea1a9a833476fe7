// How the picture that everybody sees is laid out.
import { LAYOUTS, type Layout } from "../protocol";
import { snapshot } from "../room";
import { t } from "../texts";
import { act } from "./act";

export function layoutName(layout: Layout["layout"]): string {
  const text = t().chair;
  const grid = /^mosaic_(\d+)$/.exec(layout)?.[1];
  return grid ? text.layout_grid(Number(grid)) : text[`layout_${layout}` as "layout_auto"];
}

export function LayoutChoice() {
  const chosen = snapshot.value?.layout?.layout ?? "auto";
  return (
    <label class="label">{t().chair.layout}
      <select value={chosen} onChange={(event) => void act("layout.set", { layout: event.currentTarget.value })}>
        {LAYOUTS.map((layout) => <option key={layout} value={layout}>{layoutName(layout)}</option>)}
      </select>
    </label>
  );
}

// The room's page by a remote control: arrows go to the nearest button that way, Enter presses it.
const STEPS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};
const FOCUSABLE = "button:not(:disabled), input, select, textarea, a[href]";
// What lies aside counts as this much farther than what lies ahead.
const ASIDE = 3;

const isWriting = (element: Element | null): boolean =>
  element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement;

function middle(element: Element): readonly [number, number] {
  const { left, top, width, height } = element.getBoundingClientRect();
  return [left + width / 2, top + height / 2];
}

function move([right, down]: readonly [number, number]): void {
  const place = document.querySelector("dialog[open]") ?? document.body;
  const all = [...place.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((one) => one.checkVisibility?.() ?? one.offsetParent);
  const from = document.activeElement;
  if (!from || !all.includes(from as HTMLElement)) {
    all[0]?.focus();
    return;
  }
  const [x, y] = middle(from);
  const far = (one: HTMLElement): number => {
    const [toX, toY] = middle(one);
    const ahead = (toX - x) * right + (toY - y) * down;
    const aside = Math.abs((toX - x) * down) + Math.abs((toY - y) * right);
    return one === from || ahead < 2 ? Infinity : ahead + ASIDE * aside;
  };
  const nearest = all.reduce((best, one) => (far(one) < far(best) ? one : best), all[0] as HTMLElement);
  if (far(nearest) < Infinity) nearest.focus();
}

export async function switchFullScreen(): Promise<void> {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await document.documentElement.requestFullscreen();
  } catch {
    // A browser that allows no full screen shows the page as it is.
  }
}

function take(event: KeyboardEvent): void {
  if (event.ctrlKey || event.altKey || event.metaKey || isWriting(document.activeElement)) return;
  const step = STEPS[event.key];
  if (step) {
    event.preventDefault();
    move(step);
  } else if (event.key === "f" || event.key === "F") void switchFullScreen();
}

export function watchKeys(): () => void {
  document.addEventListener("keydown", take);
  return () => document.removeEventListener("keydown", take);
}

// Times as people here write them, by the server's clock: a tablet's own may be minutes off.
import { signal } from "@preact/signals";
import type { Time } from "../protocol";

const TICK_MS = 500;
const FIT_MS = 1500;

// Milliseconds since 1970 by the server's clock, a new value every half second.
export const now = signal(Date.now());
let skewMs = 0;

export function startClock(): void {
  setInterval(() => { now.value = Date.now() + skewMs; }, TICK_MS);
  void fetch("/healthz", { cache: "no-store" }).then((answer) => {
    const date = Date.parse(answer.headers.get("date") ?? "");
    const difference = date + 500 - Date.now();
    // The header is exact to a second only: a clock that fits it is left as it is.
    if (Math.abs(difference) > FIT_MS) skewMs = difference;
  }).catch(() => undefined);
}

// "4:05", "1:04:05".
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number): string => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const rest = `${Math.floor((whole % 3600) / 60)}`;
  return hours > 0 ? `${hours}:${two(Number(rest))}:${two(whole % 60)}` : `${rest}:${two(whole % 60)}`;
}

const inVietnam = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Ho_Chi_Minh", hourCycle: "h23", ...options });
const minute = inVietnam({ hour: "2-digit", minute: "2-digit" });
const second = inVietnam({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const date = inVietnam({ day: "2-digit", month: "2-digit", year: "numeric" });

const millis = (time: Time | number): number => (typeof time === "number" ? time : Date.parse(time));

export const hourMinute = (time: Time | number): string => minute.format(millis(time));
export const timeOfDay = (time: Time | number): string => second.format(millis(time));
export const dayOf = (time: Time | number): string => date.format(millis(time));

// "2026-12-31" as people write it here.
export function day(text: string): string {
  const [year, month, number] = text.split("-");
  return `${number}/${month}/${year}`;
}

// All that the pages say, Vietnamese first.
import { signal } from "@preact/signals";
import { en } from "./en";
import { type Texts, vi } from "./vi";

export type { Texts } from "./vi";

const KEPT = "nhipcau-language";

export const language = signal<"vi" | "en">(localStorage.getItem(KEPT) === "en" ? "en" : "vi");

export function t(): Texts {
  return language.value === "en" ? en : vi;
}

export function switchLanguage(): void {
  language.value = language.value === "vi" ? "en" : "vi";
  localStorage.setItem(KEPT, language.value);
  document.documentElement.lang = language.value;
}

// Short words at the foot of a desk: what was done, with a way back, or why it was not done.
import { signal } from "@preact/signals";

export interface Notice {
  id: number;
  text: string;
  isFault: boolean;
  // The way back or onward.
  label?: string;
  action?: () => void;
}

const SHOWN_MS = 10_000;
const MOST = 3;

export const notices = signal<Notice[]>([]);
let next = 1;

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

function show(notice: Omit<Notice, "id">): void {
  const id = next++;
  notices.value = [...notices.value.slice(1 - MOST), { ...notice, id }];
  setTimeout(() => dismiss(id), SHOWN_MS);
}

export function tell(text: string, label?: string, action?: () => void): void {
  show({ text, isFault: false, label, action });
}

export function complain(text: string, label?: string, action?: () => void): void {
  show({ text, isFault: true, label, action });
}

// A question before something that cannot be taken back.
export interface Question {
  text: string;
  details?: string[];
  yes: string;
  action: () => void;
}

export const question = signal<Question | null>(null);

export function ask(text: string, yes: string, action: () => void, details?: string[]): void {
  question.value = { text, yes, action, details };
}

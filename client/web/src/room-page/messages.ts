// Messages that concern this room, and why it was removed: what is no part of the state.
import { signal } from "@preact/signals";
import type { JournalEvent } from "../protocol";
import { onEvent, ownSite } from "../room";

export interface Message {
  seq: number;
  event: JournalEvent;
  text: string;
  isOwn: boolean;
}

const KEPT = 100;

export const messages = signal<Message[]>([]);
// The newest that nobody here has read.
export const unread = signal<Message | null>(null);
export const removedWhy = signal<string | null>(null);

function take(event: JournalEvent): void {
  const { body, actor } = event;
  if (event.type === "site.removed" && body.site === ownSite.value) removedWhy.value = String(body.why ?? "");
  if (event.type === "site.admitted" && (body.sites as string[]).includes(ownSite.value ?? "")) removedWhy.value = null;
  if (event.type !== "message.sent") return;
  const isOwn = actor.site !== null && actor.site === ownSite.value;
  // What other rooms write is for the operators, not for everybody's screen.
  const concerns = isOwn || body.to === ownSite.value || (body.to === null && actor.role !== "site");
  if (!concerns) return;
  const message = { seq: event.seq, event, text: String(body.text), isOwn };
  messages.value = [...messages.value, message].slice(-KEPT);
  if (!isOwn) unread.value = message;
}

export const watchMessages = (): (() => void) => onEvent(take);

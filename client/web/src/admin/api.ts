// The server's HTTP interface for who makes meetings: signed in by account, for this tab only.
import { signal } from "@preact/signals";
import { t } from "../texts";

export interface Meeting {
  id: string;
  title: string;
  state: "draft" | "rehearsal" | "open" | "paused" | "closed";
  created: string;
  opened: string | null;
  closed: string | null;
}

export interface Link {
  link: string;
  site: string | null;
  role: string;
  name?: string;
  url?: string; // told once, when it is made
  made?: string;
  meeting?: string;
}

export interface Account {
  account: string;
  role: string;
  site: string | null;
}

export interface Token {
  token: string;
  role: string;
  site: string | null;
  account: string | null;
  meeting: string | null;
  made: string;
  expires: string | null;
}

export interface Room {
  id: string;
  name: string;
  role?: string;
  code?: string;
  group?: string;
  people?: { name: string; post?: string }[];
}

export class Refused extends Error {
  constructor(message: string, readonly field: string | null, readonly status: number) {
    super(message);
  }
}

const KEPT = "nhipcau-admin";

export const token = signal<string | null>(sessionStorage.getItem(KEPT));

export function keep(value: string | null): void {
  token.value = value;
  if (value) sessionStorage.setItem(KEPT, value);
  else sessionStorage.removeItem(KEPT);
}

export async function ask<T>(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/api/v1/${path}`, {
      method,
      headers: {
        ...(token.value ? { Authorization: `Bearer ${token.value}` } : {}),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Refused(t().desk.noLine, null, 0);
  }
  const said = (await answer.json().catch(() => ({}))) as { error?: { message: string; field?: string } };
  if (answer.ok) return said as T;
  // What was signed in has ended: sign in again.
  if (answer.status === 401 && path !== "login") keep(null);
  throw new Refused(said.error?.message ?? String(answer.status), said.error?.field ?? null, answer.status);
}

export async function signIn(account: string, secret: string): Promise<void> {
  const { token: given, role } = await ask<{ token: string; role: string }>("POST", "login", { account, secret });
  if (role !== "operator") throw new Refused(t().admin.notOperator, null, 403);
  keep(given);
}

export async function signOut(): Promise<void> {
  await ask("POST", "logout", {}).catch(() => undefined);
  keep(null);
}

// Commands of a desk. What went wrong is told in words; when somebody else was faster, what really
// happened is told.
import type { JournalEvent } from "../protocol";
import { RpcError } from "../protocol";
import { call, onEvent } from "../room";
import { t } from "../texts";
import { complain } from "./notice";
import { actorName, remember, story } from "./story";
import { timeOfDay } from "./time";

const KEPT = 50;
const recent: JournalEvent[] = [];

export function watchEvents(): void {
  onEvent((event) => {
    remember(event);
    recent.push(event);
    if (recent.length > KEPT) recent.shift();
  });
}

// The last event about the same request, vote, directive or room as the command.
function lastAbout(params: Record<string, unknown>): JournalEvent | undefined {
  const keys = ["request", "vote", "directive", "site"].filter((key) => params[key] !== undefined);
  return [...recent].reverse().find((event) => story(event) !== null && (keys.length === 0
    ? /^(meeting|rollcall|consult|chair|agenda)\./.test(event.type)
    : keys.some((key) => event.body[key] === params[key])));
}

export function explainFault(error: unknown, params: Record<string, unknown>): string {
  const text = t();
  if (!(error instanceof RpcError)) return text.failed;
  const event = lastAbout(params);
  switch (error.reason) {
    case "no-connection": return text.desk.noLine;
    case "wrong-state":
    case "no-such-request":
    case "exists":
      return event ? text.desk.conflict(`${timeOfDay(event.time)} ${actorName(event)} – ${story(event)}`) : text.wrongState;
    case "not-allowed": return text.notAllowed;
    case "too-many": return text.tooMany;
    case "over-quota": return text.desk.overQuota;
    case "invalid": return text.desk.invalid(error.field ?? "");
    default: return `${text.failed}: ${error.message}`;
  }
}

// The answer, or null once the fault has been told.
export async function act<T = { seq: number }>(method: string, params: Record<string, unknown> = {}): Promise<T | null> {
  try {
    return await call<T>(method, params);
  } catch (error) {
    if (error instanceof RpcError && error.reason === "over-quota")
      complain(t().desk.overQuota, t().desk.beyondQuota, () => void act(method, { ...params, beyond_quota: true }));
    else complain(explainFault(error, params));
    return null;
  }
}

import { Picture } from "../components/Picture";
import { act } from "../desk/act";
import { hourMinute } from "../desk/time";
import { program } from "../media";
import { account, line, me, ownSite, role, snapshot, sound } from "../room";
import { t } from "../texts";
import { removedWhy } from "./messages";

interface Card {
  title: string;
  help: string;
  kind: "calm" | "fault";
  canReload?: boolean;
}

export function inConsult(): boolean {
  const consult = snapshot.value?.meeting.consult;
  return !!consult && ((ownSite.value !== null && consult.sites.includes(ownSite.value))
    || (account.value !== null && consult.accounts.includes(account.value)));
}

function lineCard(): Card | null {
  const text = t().page;
  switch (line.value) {
    case "replaced": return { title: text.replacedTitle, help: text.replacedHelp, kind: "fault", canReload: true };
    case "refused": return { title: text.refusedTitle, help: text.refusedHelp, kind: "fault", canReload: true };
    case "open": return null;
    default: return { title: text.lostTitle, help: text.lostHelp, kind: "fault" };
  }
}

function meetingCard(): Card | null {
  const text = t().page;
  const meeting = snapshot.value?.meeting;
  if (!meeting) return null;
  if (meeting.state === "closed") return { title: text.closedTitle, help: text.closedHelp, kind: "calm" };
  if (meeting.lobby && role.value === "site" && me.value && !me.value.admitted)
    return removedWhy.value !== null
      ? { title: text.removedTitle, help: removedWhy.value, kind: "calm" }
      : { title: text.lobbyTitle, help: text.lobbyHelp, kind: "calm" };
  if (meeting.state === "draft") {
    const planned = meeting.starts ? `${text.plannedAt(hourMinute(meeting.starts))}. ` : "";
    return { title: text.draftTitle, help: planned + text.draftHelp, kind: "calm" };
  }
  if (meeting.state === "paused") return { title: text.pausedTitle, help: text.pausedHelp, kind: "calm" };
  if (meeting.consult && !meeting.consult.check && meeting.consult.sites.length > 0 && !inConsult())
    return { title: text.consultTitle, help: text.consultHelp, kind: "calm" };
  return null;
}

// A picture that has stopped is not shown as if it went on: it is dimmed, and the page says why.
export function Stage() {
  const text = t().page;
  const card = lineCard() ?? meetingCard();
  const isSoundLost = line.value === "open" && sound.value === "failed";
  const isBridgeLost = snapshot.value?.incidents.at(-1)?.type === "bridge.lost";
  return (
    <section class="program" aria-label={text.program}>
      {program.value && <Picture stream={program.value} label={text.program} />}
      {!program.value && !card && !isSoundLost && <p class="no-program">{text.noProgram}</p>}
      {card && (
        <div class={`card card-${card.kind}`} role={card.kind === "fault" ? "alert" : "status"}>
          <p class="card-title">{card.title}</p>
          <p>{card.help}</p>
          {card.canReload && <button class="huge" onClick={() => location.reload()}>{text.reload}</button>}
        </div>
      )}
      {!card && isSoundLost && (
        <div class="card card-fault" role="alert">
          <p class="card-title">{isBridgeLost ? text.bridgeLost : text.soundLost}</p>
          {!isBridgeLost && <p>{text.udpHelp}</p>}
        </div>
      )}
      {inConsult() && (
        <div class="consult" role="status">
          <p>{snapshot.value?.meeting.consult?.check ? text.inCheck : text.inConsult}</p>
          <button onClick={() => void act("consult.close")}>{text.leaveConsult}</button>
        </div>
      )}
    </section>
  );
}

// The foot of the chair's desk: the meeting's own course, and the one touch that marks a directive.
import { useEffect, useState } from "preact/hooks";
import type { Directive } from "../protocol";
import { shareSlides, slides, stopSlides } from "../devices";
import { call, me, ownSite, role, siteName, snapshot } from "../room";
import { RpcError } from "../protocol";
import { t } from "../texts";
import { act, explainFault } from "../desk/act";
import { Dialog, SiteList, SiteState } from "../desk/parts";
import { ask, complain, tell } from "../desk/notice";
import { now, timeOfDay } from "../desk/time";
import { findSecretaries } from "../desk/secretaries";

async function mark(): Promise<void> {
  const text = t().chair;
  const time = timeOfDay(now.value);
  const answer = await act<{ directive: string }>("directive.issue", { text: text.marked(time) });
  if (answer)
    tell(text.markedNotice(time), t().desk.undo, () => void act("directive.withdraw", { directive: answer.directive }));
}

function unfinished(): string[] {
  const text = t().chair;
  const lacks = (each: Directive): string =>
    [each.lead ? "" : text.lacksLead, each.due ? "" : text.lacksDue].filter(Boolean).join(", ");
  return (snapshot.value?.directives ?? [])
    .filter((each) => each.state === "issued" && !each.rehearsal && (!each.lead || !each.due))
    .map((each) => `${each.directive}: ${each.text.slice(0, 120)} (${lacks(each)})`);
}

async function close(isUnfinished: boolean): Promise<void> {
  try {
    await call("meeting.close", isUnfinished ? { unfinished: true } : {});
  } catch (error) {
    // Somebody may have issued one between the question and the answer.
    if (error instanceof RpcError && error.reason === "unfinished") askClose();
    else complain(explainFault(error, {}));
  }
}

function askClose(): void {
  const text = t().chair;
  const open = unfinished();
  if (open.length === 0) ask(text.closeAsk, text.closeMeeting, () => void close(false));
  else ask(`${text.closeAsk} ${text.unfinished}:`, text.closeUnfinished, () => void close(true), open);
}

function askWritten(): void {
  const text = t().chair;
  ask(text.askWrittenAsk, text.askWritten, () => {
    void act("message.send", { text: text.writtenText }).then((answer) => { if (answer) tell(text.writtenSent); });
  });
}

function ConsultDialog({ onClose }: { onClose: () => void }) {
  const text = t().chair;
  const [accounts, setAccounts] = useState<string[] | null>(null);
  useEffect(() => { void findSecretaries().then(setAccounts); }, []);
  const open = (params: Record<string, unknown>): void => {
    onClose();
    void act("consult.open", params);
  };
  return (
    <Dialog label={text.consult} onClose={onClose}>
      <h2>{text.consult}</h2>
      {accounts && accounts.length > 0 && (
        <button class="primary" onClick={() => open({ accounts })}>{text.consultSecretary}</button>
      )}
      {accounts?.length === 0 && <p class="muted">{text.noSecretary}</p>}
      <SiteList isShown={(site) => site.connected && site.role !== "chair"} each={(site) => (
        <>
          <span>{site.name}</span><SiteState site={site} />
          <button aria-label={text.consultWith(siteName(site.id))} onClick={() => open({ sites: [site.id] })}>{text.consult}</button>
        </>
      )} />
      <button onClick={onClose}>{t().desk.close}</button>
    </Dialog>
  );
}

// The chair's own room is always heard: its microphone and its slides are at hand.
function OwnRoom() {
  const text = t();
  const site = ownSite.value;
  if (site === null) return null;
  const isMuted = me.value?.muted ?? false;
  const mayShare = typeof navigator.mediaDevices?.getDisplayMedia === "function";
  return (
    <>
      <button class={isMuted ? "is-off" : ""} onClick={() => void act(isMuted ? "site.unmute" : "site.mute", { site })}>
        {isMuted ? text.unmuteSelf : text.muteSelf}
      </button>
      {mayShare && (slides.value
        ? <button class="is-off" onClick={stopSlides}>{text.page.stopSlides}</button>
        : <button onClick={() => void shareSlides()}>{text.page.shareSlides}</button>)}
    </>
  );
}

export function Actions() {
  const [isConsulting, setConsulting] = useState(false);
  const text = t().chair;
  const meeting = snapshot.value?.meeting;
  const state = meeting?.state;
  const isRunning = state === "open" || state === "paused";
  // The consult is the chair's, or the secretary's who stands in.
  const mayConsult = !meeting?.consult && (role.value !== "secretary" || meeting?.acting?.role === "secretary");
  if (state === "closed") return <footer class="actions"><p>{text.closedNote}</p></footer>;
  return (
    <footer class="actions">
      {state === "draft" && <button onClick={() => void act("meeting.rehearse")}>{text.rehearse}</button>}
      {state === "rehearsal" && <button onClick={() => void act("meeting.prepare")}>{text.endRehearsal}</button>}
      {!isRunning && <button class="primary" onClick={() => void act("meeting.open")}>{text.open}</button>}
      {isRunning && <button class="primary mark" onClick={() => void mark()}>{text.mark}</button>}
      <OwnRoom />
      {state === "open" && (
        <button onClick={() => ask(text.recessAsk, text.recess, () => void act("meeting.pause"))}>{text.recess}</button>
      )}
      {state === "paused" && <button class="primary" onClick={() => void act("meeting.resume")}>{text.resume}</button>}
      {isRunning && <button onClick={askWritten}>{text.askWritten}</button>}
      {mayConsult && <button onClick={() => setConsulting(true)}>{text.consult}</button>}
      {isRunning && <button class="danger" onClick={askClose}>{text.closeMeeting}</button>}
      {isConsulting && <ConsultDialog onClose={() => setConsulting(false)} />}
    </footer>
  );
}

// The chosen room: all that is known of it, and what can be done about it.
import { useState } from "preact/hooks";
import { act } from "../desk/act";
import { clean } from "../desk/find";
import { ask, tell } from "../desk/notice";
import { hourMinute } from "../desk/time";
import type { Site } from "../protocol";
import { snapshot } from "../room";
import { t } from "../texts";
import { Screen } from "./Look";
import { look, lookAt } from "./preview";
import { ReadinessTicks } from "./Readiness";
import { stateWords } from "./Wall";
import { clients, figures, rows, selected } from "./figures";

const TEXT_MOST = 2000;

export function MessageForm({ to, label }: { to?: string; label: string }) {
  const text = t().operator;
  const [words, setWords] = useState("");
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const message = clean(words);
    if (message === "") return;
    if (await act("message.send", to ? { text: message, to } : { text: message })) {
      setWords("");
      tell(text.sent);
    }
  };
  return (
    <form class="form" onSubmit={(event) => void send(event)}>
      <label>{label}
        <textarea rows={2} value={words} maxLength={TEXT_MOST} onInput={(event) => setWords(event.currentTarget.value)} />
      </label>
      <button disabled={clean(words) === ""}>{text.send}</button>
    </form>
  );
}

async function mute(site: Site): Promise<void> {
  const text = t().operator;
  if (await act(site.muted ? "site.unmute" : "site.mute", { site: site.id }))
    tell(site.muted ? text.unmuted(site.name) : text.muted(site.name), t().desk.undo,
      () => void act(site.muted ? "site.mute" : "site.unmute", { site: site.id }));
}

function Actions({ site }: { site: Site }) {
  const text = t().operator;
  const meeting = snapshot.value?.meeting;
  const isOnAir = snapshot.value?.floor.holders.some((holder) => holder.site === site.id) ?? false;
  const isConsulting = !!meeting?.consult;
  return (
    <div class="row">
      <button aria-pressed={site.muted} onClick={() => void mute(site)}>{site.muted ? text.unmute : text.mute}</button>
      {meeting?.lobby && !site.admitted && site.connected && (
        <button class="primary" onClick={() => void act("site.admit", { site: site.id })}>{text.admit}</button>
      )}
      {site.connected && <button onClick={() => void lookAt({ layout: "speaker", cells: [site.id], page: 0 })}>{text.lookRoom}</button>}
      {site.connected && site.role !== "chair" && (
        <button disabled={isOnAir || isConsulting} onClick={() => void act("consult.open", { sites: [site.id] })}>{text.check}</button>
      )}
      {site.connected && site.role !== "chair" && (
        <button onClick={() => ask(text.removeAsk(site.name), text.remove, () => void act("site.remove", { site: site.id }))}>{text.remove}</button>
      )}
    </div>
  );
}

function Figures({ site }: { site: Site }) {
  const text = t().operator;
  const figure = figures.value.get(site.id);
  const program = clients.value.get(site.id);
  const facts: [string, string][] = [
    [text.lossUp, figure && figure.loss_up !== null ? `${figure.loss_up} %` : "–"],
    [text.lossDown, figure && figure.loss_down !== null ? `${figure.loss_down} %` : "–"],
    [text.roundTrip, figure ? `${figure.rtt_ms} ms` : "–"],
    [text.jitter, figure ? `${figure.jitter_ms} ms` : "–"],
    [text.rate, figure?.kbps_up ? `${figure.kbps_up} kb/s` : "–"],
    [text.picture, figure?.lines ? text.lines(figure.lines) : "–"],
    [text.carries, figure?.estimate_kbps ? `${figure.estimate_kbps} kb/s` : "–"],
    [text.client, program?.client || "–"],
    [text.address, program?.address || "–"],
    [text.firstSeen, site.first_joined ? hourMinute(site.first_joined) : "–"],
    [text.lastLost, site.last_left ? hourMinute(site.last_left) : "–"],
  ];
  return <dl class="facts">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

export function RoomPanel() {
  const text = t().operator;
  const row = rows.value.find(({ site }) => site.id === selected.value);
  if (!row) return <p class="muted">{text.chooseRoom}</p>;
  return (
    <article class="room-panel">
      <h3>{row.site.name}</h3>
      <p class={`wall-words wall-${row.state}`} role="status">{stateWords(row)}</p>
      <Actions site={row.site} />
      {look.value?.cells?.[0] === row.site.id && <Screen />}
      <Figures site={row.site} />
      <ReadinessTicks site={row.site} />
      <MessageForm key={row.site.id} to={row.site.id} label={text.messageTo(row.site.name)} />
    </article>
  );
}

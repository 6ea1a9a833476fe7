// Pieces that the desks are made of.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Site } from "../protocol";
import { account, line, me, ownSite, role, siteName, snapshot, sound } from "../room";
import { switchLanguage, t } from "../texts";
import { act } from "./act";
import { matches } from "./find";
import { dismiss, notices, question } from "./notice";
import { now, timeOfDay } from "./time";

// A list of 4,000 rooms is found in, not scrolled through.
const SHOWN = 40;

export function Top({ title }: { title: string }) {
  const text = t();
  const meeting = snapshot.value?.meeting;
  return (
    <header class="desk-top">
      <div class="desk-name">
        <p class="muted">{title}{me.value ? ` · ${me.value.name}` : ""}</p>
        <h1 title={meeting?.title}>{meeting?.title}</h1>
      </div>
      <div class="status">
        <span class={`pill meeting-${meeting?.state}`} role="status">{meeting && text[`state_${meeting.state}`]}</span>
        <span class={`pill line-${line.value}`} role="status">{text[`line_${line.value}`]}</span>
        <span class={`pill sound-${sound.value}`} data-sound={sound.value}>{text[`sound_${sound.value}`]}</span>
        <time class="desk-clock" aria-label={text.desk.clock}>{timeOfDay(now.value)}</time>
        <button class="plain" onClick={switchLanguage}>{text.language}</button>
      </div>
    </header>
  );
}

function inConsult(): boolean {
  const consult = snapshot.value?.meeting.consult;
  return !!consult && ((ownSite.value !== null && consult.sites.includes(ownSite.value))
    || (account.value !== null && consult.accounts.includes(account.value)));
}

// What everybody at a desk must know at once: a lost line, who is in charge, a private consult.
export function Banners() {
  const text = t().desk;
  const meeting = snapshot.value?.meeting;
  const consult = meeting?.consult;
  const mayEnd = inConsult() || role.value === "chair";
  return (
    <div class="banners" aria-live="assertive">
      {line.value !== "open" && <p class="banner banner-lost">{text.stale}</p>}
      {meeting?.acting && (
        <p class="banner">{meeting.acting.site ? text.actingSite(siteName(meeting.acting.site)) : text.actingSecretary}</p>
      )}
      {meeting?.delegate && (
        <p class="banner">
          {text.delegated(siteName(meeting.delegate))}
          {(role.value === "chair" || role.value === "secretary") && (
            <button onClick={() => void act("chair.recall")}>{t().chair.recall}</button>
          )}
        </p>
      )}
      {consult?.check && inConsult() && (
        <p class="banner banner-consult">
          {text.checking(consult.sites.map(siteName).join(", "))}
          <button onClick={() => void act("consult.close")}>{text.endCheck}</button>
        </p>
      )}
      {consult && !consult.check && (
        <p class="banner banner-consult">
          {text.consulting([...consult.sites.map(siteName), ...consult.accounts.map(() => text.secretary)].join(", "))}
          {mayEnd && <button onClick={() => void act("consult.close")}>{text.endConsult}</button>}
        </p>
      )}
    </div>
  );
}

export function Notices() {
  return (
    <div class="notices" aria-live="polite">
      {notices.value.map((notice) => (
        <div key={notice.id} class={`notice ${notice.isFault ? "notice-fault" : ""}`} role={notice.isFault ? "alert" : "status"}>
          <span>{notice.text}</span>
          {notice.label && (
            <button onClick={() => { dismiss(notice.id); notice.action?.(); }}>{notice.label}</button>
          )}
          <button class="notice-close" aria-label={t().desk.close} onClick={() => dismiss(notice.id)}>×</button>
        </div>
      ))}
    </div>
  );
}

export function Dialog({ label, onClose, children }: { label: string; onClose: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    <dialog ref={element} class="desk-dialog" aria-label={label} onClose={onClose}
      onCancel={(event) => { event.preventDefault(); onClose(); }}>
      {children}
    </dialog>
  );
}

export function Questions() {
  const asked = question.value;
  if (!asked) return null;
  const close = (): void => { question.value = null; };
  return (
    <Dialog label={asked.text} onClose={close}>
      <h2>{asked.text}</h2>
      {asked.details && asked.details.length > 0 && (
        <ul class="details">{asked.details.map((detail) => <li key={detail}>{detail}</li>)}</ul>
      )}
      <div class="row">
        <button class="primary" onClick={() => { close(); asked.action(); }}>{asked.yes}</button>
        <button onClick={close}>{t().desk.cancel}</button>
      </div>
    </Dialog>
  );
}

// Tabs by the pattern of the ARIA practices: arrows move, one is in the tab order.
export function Tabs<K extends string>({ label, names, counts, children }: {
  label: string; names: [K, string][]; counts?: Partial<Record<K, number>>; children: (open: K) => ComponentChildren;
}) {
  const first = names[0]?.[0] as K;
  const [open, setOpen] = useState<K>(first);
  const move = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const place = names.findIndex(([name]) => name === open) + step;
    const next = names[(place + names.length) % names.length];
    if (step === 0 || !next) return;
    setOpen(next[0]);
    document.getElementById(`tab-${next[0]}`)?.focus();
  };
  return (
    <section class="tabs">
      <div role="tablist" aria-label={label} onKeyDown={move}>
        {names.map(([name, words]) => (
          <button key={name} role="tab" id={`tab-${name}`} aria-controls="tab-panel" aria-selected={open === name}
            tabIndex={open === name ? 0 : -1} onClick={() => setOpen(name)}>
            {words}{counts?.[name] ? <span class="count">{counts[name]}</span> : null}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="tab-panel" aria-labelledby={`tab-${open}`} tabIndex={0}>{children(open)}</div>
    </section>
  );
}

// Rooms by name, the first ones; `each` draws one.
export function SiteList({ each, isShown, isByPresence }: {
  each: (site: Site) => ComponentChildren; isShown?: (site: Site) => boolean; isByPresence?: boolean;
}) {
  const [wanted, setWanted] = useState("");
  const text = t().desk;
  const fitting = (snapshot.value?.sites ?? [])
    .filter((site) => (isShown?.(site) ?? true) && matches(`${site.name} ${site.id}`, wanted));
  // Those who are there come first, each part in the roster's order.
  const sorted = isByPresence ? [...fitting].sort((a, b) => Number(b.connected) - Number(a.connected)) : fitting;
  return (
    <div class="site-list">
      <label>
        {text.find}
        <input type="search" value={wanted} placeholder={text.findHelp} maxLength={200}
          onInput={(event) => setWanted(event.currentTarget.value)} />
      </label>
      {fitting.length === 0 && <p class="muted">{text.noneFound}</p>}
      <ul>{sorted.slice(0, SHOWN).map((site) => <li key={site.id}>{each(site)}</li>)}</ul>
      {fitting.length > SHOWN && <p class="muted">{text.more(fitting.length - SHOWN)}</p>}
    </div>
  );
}

export function SiteState({ site }: { site: Site }) {
  const text = t().desk;
  const state = site.connected ? "here" : site.first_joined ? "away" : "never";
  const words = { here: text.connected, away: text.away, never: text.notYet };
  return <span class={`site-state ${state}`}>{words[state]}</span>;
}

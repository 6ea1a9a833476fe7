// The meetings there are; one of them with its links and documents.
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { ask as question, tell } from "../desk/notice";
import { dayOf, hourMinute } from "../desk/time";
import { t } from "../texts";
import { fault, roleWord } from "./Accounts";
import { ask, type Link, type Meeting } from "./api";
import { Sheet } from "./Sheet";

interface Opened {
  id: string;
  title: string;
  links: Link[]; // with their addresses: made in this tab
}

export const opened = signal<Opened | null>(null);

const DOCUMENTS = ["minutes.docx", "minutes.pdf", "minutes.html", "minutes.json", "readiness.csv", "journal.jsonl"] as const;

function remember(more: Link[]): void {
  const now = opened.value;
  if (now) opened.value = { ...now, links: [...now.links.filter(({ link }) => !more.some((made) => made.link === link)), ...more] };
}

const keyOf = (link: Link): string => link.site ?? `role:${link.role}`;

function LinkRow({ meeting, link, name, url, onChange }: {
  meeting: string; link: Link; name: string; url: string | undefined; onChange: () => void;
}) {
  const text = t().admin;
  const copy = (): void => void navigator.clipboard.writeText(url ?? "").then(() => tell(text.copied), fault);
  const revoke = (): void => question(text.revokeLinkAsk(name), text.revoke, () => {
    void ask("DELETE", `meetings/${meeting}/links/${link.link}`).then(onChange, fault);
  });
  const again = (): void => {
    void ask<Link>("POST", `meetings/${meeting}/links`, link.site ? { site: link.site } : { role: link.role })
      .then((made) => { remember([{ ...made, name }]); tell(text.linkMade(name)); onChange(); }, fault);
  };
  return (
    <tr>
      <th scope="row"><bdi>{name}</bdi></th>
      <td>{roleWord(link.role)}</td>
      <td class="when">{link.made ? `${hourMinute(link.made)} ${dayOf(link.made)}` : "–"}</td>
      <td class="row">
        {url && <button aria-label={`${text.copy}: ${name}`} onClick={copy}>{text.copy}</button>}
        <button aria-label={`${text.another}: ${name}`} onClick={again}>{text.another}</button>
        <button class="danger" aria-label={`${text.revoke}: ${name}`} onClick={revoke}>{text.revoke}</button>
      </td>
    </tr>
  );
}

function useLinks(meeting: string): [Link[], Map<string, string>, () => void] {
  const [links, setLinks] = useState<Link[]>([]);
  const [names, setNames] = useState(new Map<string, string>());
  const load = (): void => { void ask<Link[]>("GET", `meetings/${meeting}/links`).then(setLinks, fault); };
  useEffect(() => {
    load();
    void ask<{ sites: { site: string; name: string }[] }>("GET", `meetings/${meeting}/readiness.json`)
      .then(({ sites }) => setNames(new Map(sites.map(({ site, name }) => [site, name]))), fault);
  }, [meeting]);
  return [links, names, load];
}

function MeetingView({ id, title, links: made }: Opened) {
  const text = t().admin;
  const [links, names, load] = useLinks(id);
  const [isPrinting, setPrinting] = useState(false);
  const urls = new Map(made.map(({ link, url }) => [link, url]));
  const nameOf = (link: Link): string => (link.site ? names.get(link.site) ?? link.site : roleWord(link.role));
  // One card a room: the newest link that this tab knows.
  const cards = [...new Map(made.filter(({ url }) => url).map((link) => [keyOf(link), link])).values()];
  const lacking = [...names.keys()].filter((site) => !cards.some((card) => card.site === site));
  const makeAll = async (): Promise<void> => {
    const more: Link[] = [];
    try {
      for (const site of lacking) more.push({ ...await ask<Link>("POST", `meetings/${id}/links`, { site }), name: names.get(site) ?? site });
    } catch (error) {
      fault(error);
    }
    remember(more);
    load();
  };
  const openDesk = async (): Promise<void> => {
    try {
      const { url } = await ask<Link>("POST", `meetings/${id}/links`, { role: "operator" });
      if (url) window.open(url, "_blank", "noopener");
      load();
    } catch (error) {
      fault(error);
    }
  };
  if (isPrinting) return <Sheet title={title} cards={cards} onClose={() => setPrinting(false)} />;
  return (
    <>
      <h2><bdi>{title}</bdi></h2>
      <div class="row">
        <button onClick={() => { opened.value = null; }}>{text.back}</button>
        <button class="primary" disabled={cards.length === 0} onClick={() => setPrinting(true)}>{text.sheet(cards.length)}</button>
        {lacking.length > 0 && <button onClick={() => void makeAll()}>{text.makeAll(lacking.length)}</button>}
        <button onClick={() => void openDesk()}>{text.openDesk}</button>
      </div>
      <p class="muted">{text.linksOnce}</p>
      <ul class="documents row">
        {DOCUMENTS.map((name) => (
          <li key={name}><a href={`/api/v1/meetings/${id}/${name}`} target="_blank" rel="noreferrer">{text.documents[name]}</a></li>
        ))}
      </ul>
      <div class="table-box" tabIndex={0} role="group" aria-label={text.links}>
        <table class="admin-table">
          <thead><tr><th scope="col">{text.room}</th><th scope="col">{text.role}</th><th scope="col">{text.made}</th><th scope="col">{text.actions}</th></tr></thead>
          <tbody>
            {links.map((link) => (
              <LinkRow key={link.link} meeting={id} link={link} name={nameOf(link)} url={urls.get(link.link)} onChange={load} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

export function MeetingList({ onNew }: { onNew: () => void }) {
  const text = t().admin;
  const [list, setList] = useState<Meeting[] | null>(null);
  useEffect(() => { void ask<Meeting[]>("GET", "meetings").then(setList, fault); }, [opened.value]);
  if (opened.value) return <MeetingView key={opened.value.id} {...opened.value} />;
  const sorted = [...(list ?? [])].sort((a, b) => b.created.localeCompare(a.created));
  return (
    <>
      <div class="row"><button class="primary" onClick={onNew}>{text.newMeeting}</button></div>
      {list?.length === 0 && <p class="muted">{text.noMeetings}</p>}
      {sorted.length > 0 && (
        <table class="admin-table">
          <thead><tr><th scope="col">{text.meeting}</th><th scope="col">{text.state}</th><th scope="col">{text.made}</th></tr></thead>
          <tbody>
            {sorted.map((meeting) => (
              <tr key={meeting.id}>
                <th scope="row"><button class="plain" onClick={() => { opened.value = { id: meeting.id, title: meeting.title, links: [] }; }}>
                  <bdi>{meeting.title}</bdi></button></th>
                <td><span class={`pill meeting-${meeting.state}`}>{t()[`state_${meeting.state}`]}</span></td>
                <td class="when">{hourMinute(meeting.created)} {dayOf(meeting.created)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

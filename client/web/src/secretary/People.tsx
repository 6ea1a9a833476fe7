// Who is in which room: names and posts, corrected where they are wrong; substitutes, agreed or not.
import { useState } from "preact/hooks";
import type { Person, Site } from "../protocol";
import { snapshot } from "../room";
import { t } from "../texts";
import { act } from "../desk/act";
import { clean } from "../desk/find";
import { tell } from "../desk/notice";
import { SiteList, SiteState } from "../desk/parts";

interface Row {
  name: string;
  post: string;
  from: Person | null;
}

const rowOf = (person: Person): Row => ({ name: person.name, post: person.post ?? "", from: person });

function Editor({ site, onDone }: { site: Site; onDone: () => void }) {
  const [rows, setRows] = useState<Row[]>(site.people.length > 0 ? site.people.map(rowOf) : [{ name: "", post: "", from: null }]);
  const text = t();
  const change = (place: number, with_: Partial<Row>): void =>
    setRows(rows.map((row, index) => (index === place ? { ...row, ...with_ } : row)));
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const people = rows.filter((row) => clean(row.name) !== "").map(({ name, post, from }) => ({
      name: clean(name), ...(clean(post) ? { post: clean(post) } : {}),
      ...(from?.for ? { for: from.for, why: from.why } : {}),
    }));
    if (!await act("roster.set", { site: site.id, people })) return;
    tell(text.secretary.saved);
    onDone();
  };
  return (
    <form class="form people" onSubmit={(event) => void save(event)} aria-label={site.name}>
      {rows.map((row, place) => (
        <div class="person" key={place}>
          <label>{text.secretary.personName}
            <input value={row.name} maxLength={200} onInput={(event) => change(place, { name: event.currentTarget.value })} /></label>
          <label>{text.secretary.personPost}
            <input value={row.post} maxLength={200} onInput={(event) => change(place, { post: event.currentTarget.value })} /></label>
          <button type="button" aria-label={text.secretary.remove(row.name)} onClick={() => setRows(rows.filter((_, index) => index !== place))}>×</button>
        </div>
      ))}
      <div class="row">
        <button type="button" onClick={() => setRows([...rows, { name: "", post: "", from: null }])}>{text.secretary.addPerson}</button>
        <button class="primary" type="submit">{text.desk.save}</button>
        <button type="button" onClick={onDone}>{text.desk.cancel}</button>
      </div>
    </form>
  );
}

function Substitute({ site, person }: { site: Site; person: Person }) {
  const text = t().secretary;
  const judge = (agree: boolean): void => void act("roster.approve", { site: site.id, name: person.name, agree });
  return (
    <div class="substitute">
      <p>{person.name}, {person.post} <span class="muted">{text.substitute(person.for ?? "", person.why ?? "")}</span></p>
      {person.state === "waiting" && (
        <div class="row">
          <button class="small" onClick={() => judge(true)}>{text.approve}</button>
          <button class="small danger" onClick={() => judge(false)}>{text.refuse}</button>
        </div>
      )}
    </div>
  );
}

function Room({ site }: { site: Site }) {
  const [isEdited, setEdited] = useState(false);
  const text = t();
  if (isEdited) return <Editor site={site} onDone={() => setEdited(false)} />;
  return (
    <>
      <div class="room-name">
        <strong>{site.name}</strong> <SiteState site={site} />
        <span class="muted">{site.people.map((each) => [each.name, each.post].filter(Boolean).join(", ")).join("; ")}</span>
        {site.people.filter((each) => each.for !== null).map((each) => <Substitute key={each.name} site={site} person={each} />)}
      </div>
      {snapshot.value?.meeting.state !== "closed" && (
        <button class="small" aria-label={`${text.chair.edit}: ${site.name}`} onClick={() => setEdited(true)}>{text.chair.edit}</button>
      )}
    </>
  );
}

export function People() {
  return <SiteList each={(site) => <Room site={site} />} />;
}

// Directives: what, who leads, who supports, until when; what is not yet known may stay open.
import { useEffect, useId, useState } from "preact/hooks";
import type { Directive } from "../protocol";
import { snapshot } from "../room";
import { t } from "../texts";
import { act } from "./act";
import { clean } from "./find";
import { tell } from "./notice";
import { agencyName, findAgencies, loadAgencies } from "./places";
import { day, timeOfDay } from "./time";

// An agency by name: an input with a list below it, by keyboard too.
function AgencyPicker({ label, exclude, onPick }: { label: string; exclude: string[]; onPick: (slug: string) => void }) {
  const [wanted, setWanted] = useState("");
  const id = useId();
  const found = wanted.trim() ? findAgencies(wanted).filter((each) => !exclude.includes(each.slug)) : [];
  const pick = (slug: string): void => {
    setWanted("");
    onPick(slug);
  };
  return (
    <div class="picker">
      <label for={id}>{label}</label>
      <input id={id} type="search" autocomplete="off" value={wanted} maxLength={200} placeholder={t().secretary.leadHelp}
        onInput={(event) => setWanted(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          if (found[0]) pick(found[0].slug);
        }} />
      {found.length > 0 && (
        <ul class="picker-list">
          {found.map((each) => (
            <li key={each.slug}><button type="button" onClick={() => pick(each.slug)}>{each.name}</button></li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Chosen({ slug, onRemove }: { slug: string; onRemove: () => void }) {
  const name = agencyName(slug);
  return <span class="chosen">{name}<button type="button" aria-label={t().secretary.remove(name)} onClick={onRemove}>×</button></span>;
}

export function DirectiveForm({ directive, onDone }: { directive?: Directive; onDone?: () => void }) {
  const [text, setText] = useState(directive?.text ?? "");
  const [lead, setLead] = useState(directive?.lead ?? null);
  const [support, setSupport] = useState(directive?.support ?? []);
  const [due, setDue] = useState(directive?.due ?? "");
  const words = t().chair;
  useEffect(loadAgencies, []);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const params = { text: clean(text), lead, support, due: due || null };
    const answer = await (directive
      ? act("directive.amend", { directive: directive.directive, ...params })
      : act("directive.issue", { text: params.text, support, ...(lead ? { lead } : {}), ...(due ? { due } : {}) }));
    if (!answer) return;
    tell(words.issued);
    if (!directive) {
      setText("");
      setLead(null);
      setSupport([]);
      setDue("");
    }
    onDone?.();
  };
  return (
    <form class="form directive-form" onSubmit={(event) => void send(event)}>
      <label>{words.directiveText}
        <textarea required rows={3} maxLength={4000} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      {lead
        ? <p><span class="label">{words.lead}</span> <Chosen slug={lead} onRemove={() => setLead(null)} /></p>
        : <AgencyPicker label={words.lead} exclude={support} onPick={setLead} />}
      {support.length > 0 && (
        <p><span class="label">{words.support}</span> {support.map((slug) => (
          <Chosen key={slug} slug={slug} onRemove={() => setSupport(support.filter((each) => each !== slug))} />
        ))}</p>
      )}
      <AgencyPicker label={t().secretary.addSupport} exclude={lead ? [lead, ...support] : support}
        onPick={(slug) => setSupport([...support, slug])} />
      <label>{words.due}<input type="date" value={due} onInput={(event) => setDue(event.currentTarget.value)} /></label>
      <div class="row">
        <button class="primary" type="submit">{directive ? t().desk.save : words.issue}</button>
        {onDone && <button type="button" onClick={onDone}>{t().desk.cancel}</button>}
      </div>
    </form>
  );
}

function Entry({ directive }: { directive: Directive }) {
  const [isEdited, setEdited] = useState(false);
  const words = t().chair;
  const open = t().desk.undetermined;
  if (isEdited) return <DirectiveForm directive={directive} onDone={() => setEdited(false)} />;
  const withdraw = async (): Promise<void> => {
    if (await act("directive.withdraw", { directive: directive.directive }))
      tell(words.withdrawn, t().desk.undo, () => void act("directive.issue", {
        text: directive.text, support: directive.support,
        ...(directive.lead ? { lead: directive.lead } : {}), ...(directive.due ? { due: directive.due } : {}),
      }));
  };
  return (
    <>
      <p class="directive-text">{directive.text}</p>
      <p class="muted">
        {words.lead}: <span class={directive.lead ? "" : "open"}>{directive.lead ? agencyName(directive.lead) : open}</span>
        {directive.support.length > 0 && <> · {words.support}: {directive.support.map(agencyName).join(", ")}</>}
        {" · "}{words.due}: <span class={directive.due ? "date" : "open"}>{directive.due ? day(directive.due) : open}</span>
        {" · "}{timeOfDay(directive.time)}
      </p>
      <div class="row">
        <button class="small" aria-label={`${words.edit}: ${directive.directive}`} onClick={() => setEdited(true)}>{words.edit}</button>
        <button class="small danger" aria-label={`${words.withdraw}: ${directive.directive}`} onClick={() => void withdraw()}>{words.withdraw}</button>
      </div>
    </>
  );
}

export function DirectiveList() {
  useEffect(loadAgencies, []);
  const issued = (snapshot.value?.directives ?? []).filter((each) => each.state === "issued" && !each.rehearsal);
  if (issued.length === 0) return <p class="muted">{t().chair.noDirectives}</p>;
  return (
    <ol class="directive-list">
      {issued.map((each) => <li key={each.directive} data-directive={each.directive}><Entry directive={each} /></li>)}
    </ol>
  );
}

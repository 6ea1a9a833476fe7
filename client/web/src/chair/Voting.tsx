// Votes: question, voters and time are fixed when one opens; the result does not change.
import { useState } from "preact/hooks";
import type { Choice, Vote } from "../protocol";
import { ownSite, snapshot } from "../room";
import { t } from "../texts";
import { act } from "../desk/act";
import { clean } from "../desk/find";
import { ask } from "../desk/notice";
import { clock, hourMinute, now } from "../desk/time";

const CHOICES: Choice[] = ["for", "against", "other"];
const TIMES = [60, 180, 300];

function live(vote: Vote): Record<Choice | "none", number> {
  const counts = { for: 0, against: 0, other: 0, none: 0 };
  for (const ballot of Object.values(vote.ballots)) {
    if (ballot === null) counts.none++;
    else if (ballot !== true) counts[ballot]++;
  }
  return counts;
}

function Bars({ counts, all }: { counts: Record<Choice | "none", number>; all: number }) {
  const text = t().chair;
  return (
    <dl class="bars">
      {([...CHOICES, "none"] as const).map((choice) => (
        <div key={choice} class={`bar-${choice}`}>
          <dt>{text[`choice_${choice}`]}</dt>
          <dd><meter min={0} max={Math.max(1, all)} value={counts[choice]} aria-label={text[`choice_${choice}`]} /> {counts[choice]}</dd>
        </div>
      ))}
    </dl>
  );
}

function OpenVote({ vote }: { vote: Vote }) {
  const text = t().chair;
  const ballots = Object.values(vote.ballots);
  const cast = ballots.filter((ballot) => ballot !== null).length;
  const own = ownSite.value !== null ? vote.ballots[ownSite.value] : undefined;
  const left = vote.seconds !== null ? vote.seconds - (now.value - Date.parse(vote.opened)) / 1000 : null;
  return (
    <div class="vote" data-vote={vote.vote}>
      <p class="vote-question">{vote.question}</p>
      <p role="status">{text.cast(cast, ballots.length)}{vote.secret && <span class="tag">{text.secret}</span>}
        {left !== null && <span class="muted"> · {text.left} {clock(left)}</span>}</p>
      {!vote.secret && <Bars counts={live(vote)} all={ballots.length} />}
      {own === null && (
        <fieldset class="row">
          <legend>{text.ownVote}</legend>
          {CHOICES.map((choice) => (
            <button key={choice} onClick={() => void act("vote.cast", { vote: vote.vote, choice })}>{text[`choice_${choice}`]}</button>
          ))}
        </fieldset>
      )}
      <button class="primary" onClick={() => ask(text.closeVoteAsk, text.closeVote, () => void act("vote.close", { vote: vote.vote }))}>
        {text.closeVote}
      </button>
    </div>
  );
}

function NewVote() {
  const [seconds, setSeconds] = useState("");
  const text = t().chair;
  const open = async (event: Event): Promise<void> => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const data = new FormData(form);
    const params = {
      question: clean(String(data.get("question"))), secret: data.has("secret"), early: data.has("early"),
      ...(seconds ? { seconds: Number(seconds) } : {}),
    };
    if (await act("vote.open", params)) form.reset();
  };
  return (
    <form class="form" onSubmit={(event) => void open(event)}>
      <label>{text.question}<textarea name="question" required maxLength={1000} rows={2} /></label>
      <label>{text.seconds}
        <select value={seconds} onChange={(event) => setSeconds(event.currentTarget.value)}>
          <option value="">{text.byHand}</option>
          {TIMES.map((time) => <option key={time} value={time}>{text.minutes(time / 60)}</option>)}
        </select>
      </label>
      <label class="check"><input type="checkbox" name="secret" />{text.secret}</label>
      <label class="check"><input type="checkbox" name="early" />{text.early}</label>
      <button class="primary" type="submit" disabled={snapshot.value?.meeting.state !== "open"}>{text.openVote}</button>
    </form>
  );
}

export function Voting() {
  const votes = snapshot.value?.votes ?? [];
  const open = votes.find((vote) => vote.closed === null);
  const over = votes.filter((vote) => vote.closed !== null).reverse();
  return (
    <>
      {open ? <OpenVote vote={open} /> : <NewVote />}
      {over.length > 0 && <h3>{t().chair.results}</h3>}
      {over.map((vote) => (
        <div key={vote.vote} class="vote" data-vote={vote.vote}>
          <p class="vote-question">{vote.question} <span class="muted">{vote.closed && hourMinute(vote.closed)}</span></p>
          {vote.counts && <Bars counts={vote.counts} all={Object.keys(vote.ballots).length} />}
        </div>
      ))}
    </>
  );
}

import { useState } from "preact/hooks";
import { act } from "../desk/act";
import { clock, now } from "../desk/time";
import type { Choice, Vote } from "../protocol";
import { line, me, ownSite, role, snapshot } from "../room";
import { t } from "../texts";

const CHOICES: Choice[] = ["for", "against", "other"];

function RollcallForm({ known, onDone }: { known: string[]; onDone: () => void }) {
  const text = t().page;
  const [who, setWho] = useState(known.join("\n"));
  const [isAway, setAway] = useState(false);
  const [why, setWhy] = useState("");
  const send = async (): Promise<void> => {
    const present = who.normalize("NFC").split("\n").map((name) => name.trim()).filter(Boolean);
    const reason = why.normalize("NFC").trim();
    const params = isAway
      ? { answer: "absent", ...(reason ? { why: reason } : {}) } : { answer: "online", ...(present.length > 0 ? { present } : {}) };
    if (await act("rollcall.answer", params)) onDone();
  };
  return (
    <div class="room-form">
      {isAway
        ? <label>{text.absentWhy}<input value={why} maxLength={500} onInput={(event) => setWhy(event.currentTarget.value)} /></label>
        : (
          <label>
            {text.rollcallWho}
            <textarea rows={3} value={who} onInput={(event) => setWho(event.currentTarget.value)} />
          </label>
        )}
      <div class="row">
        <button class="primary" onClick={() => void send()}>{isAway ? text.answerAbsent : text.answerHere}</button>
        <button onClick={() => setAway(!isAway)}>{isAway ? t().back : text.answerAbsent}</button>
      </div>
    </div>
  );
}

function RollcallTask() {
  const text = t().page;
  const [isOpen, setOpen] = useState(false);
  const rollcall = snapshot.value?.rollcalls.at(-1);
  const own = ownSite.value;
  if (!rollcall || rollcall.closed || !own || !(own in rollcall.answers)) return null;
  const answer = rollcall.answers[own];
  const people = (me.value?.people ?? []).filter(({ state }) => state !== "refused")
    .map(({ name, post }) => [name, post].filter(Boolean).join(", "));
  if (answer && !isOpen)
    return (
      <section class="task task-done" aria-label={text.rollcallTitle}>
        <p role="status">{answer.answer === "absent" ? text.answerAbsent : text.rollcallDone}</p>
        <button onClick={() => setOpen(true)}>{t().chair.edit}</button>
      </section>
    );
  return (
    <section class="task" aria-label={text.rollcallTitle}>
      <div role="alert"><h2>{text.rollcallAsk}</h2></div>
      <RollcallForm known={answer?.present ?? people} onDone={() => setOpen(false)} />
    </section>
  );
}

function Ballot({ vote }: { vote: Vote }) {
  const text = t();
  const [choice, setChoice] = useState<Choice | null>(null);
  const send = async (): Promise<void> => {
    if (!await act("vote.cast", { vote: vote.vote, choice })) setChoice(null);
  };
  if (choice)
    return (
      <div class="ballot">
        <button class="primary huge" autofocus onClick={() => void send()}>
          {text.page.voteSure(text.chair[`choice_${choice}`])}
        </button>
        <button onClick={() => setChoice(null)}>{text.back}</button>
      </div>
    );
  return (
    <div class="ballot">
      {CHOICES.map((each) => (
        <button key={each} class="huge" onClick={() => setChoice(each)}>{text.chair[`choice_${each}`]}</button>
      ))}
    </div>
  );
}

function Result({ vote }: { vote: Vote }) {
  const text = t().chair;
  if (!vote.counts) return null;
  const counts = Object.entries(vote.counts) as [Choice | "none", number][];
  return (
    <dl class="counted">
      {counts.map(([choice, count]) => (
        <div key={choice}><dt>{text[`choice_${choice}`]}</dt><dd>{count}</dd></div>
      ))}
    </dl>
  );
}

function VoteTask() {
  const text = t();
  const [dismissed, setDismissed] = useState<string | null>(null);
  const vote = snapshot.value?.votes.at(-1);
  const own = ownSite.value;
  if (!vote || dismissed === vote.vote) return null;
  const isVoter = own !== null && own in vote.ballots;
  if (vote.closed)
    return (
      <section class="task" aria-label={text.page.voteResult}>
        <div role="status"><h2>{text.page.voteResult}</h2></div>
        <p class="clip">{vote.question}</p>
        <Result vote={vote} />
        <button onClick={() => setDismissed(vote.vote)}>{text.desk.close}</button>
      </section>
    );
  const left = vote.seconds === null ? null : vote.seconds - (now.value - Date.parse(vote.opened)) / 1000;
  return (
    <section class="task" aria-label={text.page.voteTitle}>
      <div role="alert"><h2>{text.page.voteTitle}</h2></div>
      <p class="question">{vote.question}</p>
      {left !== null && <p class="vote-left">{text.page.voteLeft(clock(left))}</p>}
      {isVoter && vote.ballots[own] !== null && <p role="status">{text.page.voteDone}</p>}
      {isVoter && vote.ballots[own] === null && (
        <>
          <Ballot vote={vote} />
          <p class="soft">{vote.secret ? text.page.voteSecret : text.page.voteNamed} {text.page.voteFinal}</p>
        </>
      )}
    </section>
  );
}

// What the room is asked just now. Nothing is asked over a lost line: it could not be answered.
export function Tasks() {
  if (line.value !== "open" || role.value === "observer") return null;
  return <><RollcallTask /><VoteTask /></>;
}

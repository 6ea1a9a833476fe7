// Papers of the meeting, each with its newest version first.
import { snapshot } from "../room";
import { t } from "../texts";
import { dayOf } from "./time";

export function Papers() {
  const state = snapshot.value;
  const papers = state?.papers ?? [];
  if (papers.length === 0) return <p class="muted">{t().desk.none}</p>;
  const folder = `/api/v1/meetings/${state?.meeting.id}/papers`;
  return (
    <ul class="papers">
      {papers.map(({ paper, versions }) => {
        const newest = versions.at(-1);
        return newest && (
          <li key={paper}>
            <a href={`${folder}/${paper}/${newest.version}`} target="_blank" rel="noreferrer">{newest.title}</a>
            <span class="muted"> {newest.type.toUpperCase()}, {t().secretary.version(newest.version, dayOf(newest.time))}</span>
          </li>
        );
      })}
    </ul>
  );
}

import { siteName, snapshot } from "../room";
import { t } from "../texts";

// "2026-12-31" as people write it here.
function day(date: string): string {
  const [year, month, number] = date.split("-");
  return `${number}/${month}/${year}`;
}

export function Directives() {
  const text = t();
  const issued = snapshot.value?.directives.filter((each) => each.state === "issued") ?? [];
  if (issued.length === 0) return null;
  return (
    <section class="directives">
      <h2>{text.directives}</h2>
      <ol>
        {issued.map((each) => (
          <li key={each.directive}>
            {each.text}
            <span class="muted">
              {text.lead}: {each.lead ? siteName(each.lead) : text.undetermined} · {text.due}:{" "}
              <span class="date">{each.due ? day(each.due) : text.undetermined}</span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

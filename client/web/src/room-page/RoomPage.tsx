import { complaint, hasMicrophone, line, me, ownSite, role, snapshot, sound } from "../room";
import { switchLanguage, t } from "../texts";
import { ChairBar } from "../components/ChairBar";
import { Directives } from "../components/Directives";
import { FloorButton } from "../components/FloorButton";
import { Level } from "../components/Level";
import { OnAir } from "../components/OnAir";
import { Queue } from "../components/Queue";
import { Speaker } from "../components/Speaker";

function Top() {
  const text = t();
  const meeting = snapshot.value?.meeting;
  return (
    <header>
      <div>
        <h1>{meeting?.title}</h1>
        <p class="own">{me.value?.name ?? ownSite.value ?? role.value}</p>
      </div>
      <div class="status" role="status">
        <span class={`pill meeting-${meeting?.state}`}>{meeting && text[`state_${meeting.state}`]}</span>
        <span class={`pill line-${line.value}`}>{text[`line_${line.value}`]}</span>
        <span class={`pill sound-${sound.value}`} data-sound={sound.value}>{text[`sound_${sound.value}`]}</span>
        <button class="plain" onClick={switchLanguage}>{text.language}</button>
      </div>
    </header>
  );
}

function Sites() {
  const text = t();
  const sites = snapshot.value?.sites ?? [];
  const present = sites.filter((site) => site.connected).length;
  return (
    <section class="sites">
      <h2>{text.sites}</h2>
      <p class="muted">{text.present(present, sites.length)}</p>
      <ul>
        {sites.map((site) => (
          <li key={site.id} class={site.connected ? "here" : "away"}>{site.name}</li>
        ))}
      </ul>
    </section>
  );
}

export function RoomPage() {
  const isOver = line.value === "replaced" || line.value === "refused";
  return (
    <div class={`room ${line.value === "open" ? "" : "stale"}`}>
      <Top />
      {isOver && <p class="banner" role="alert">{t()[`line_${line.value}`]}</p>}
      {!hasMicrophone.value && <p class="banner" role="alert">{t().noMicrophone}</p>}
      <OnAir />
      <main>
        <div class="stage">
          <Speaker />
          <Level />
          <FloorButton />
          {role.value === "chair" && <ChairBar />}
          {complaint.value && <p class="complaint" role="alert">{complaint.value}</p>}
        </div>
        <aside>
          <Queue />
          <Directives />
          <Sites />
        </aside>
      </main>
    </div>
  );
}

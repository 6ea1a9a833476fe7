import { useEffect } from "preact/hooks";
import { checkLink, devicesReady, enter, entrance, isTestWanted, joinedMeeting, role } from "../room";
import { switchLanguage, t } from "../texts";
import { Devices } from "./Devices";

function Ready() {
  const text = t();
  const isRoom = role.value === "site" || role.value === "chair";
  useEffect(() => { if (isRoom) void devicesReady(); }, [isRoom]);
  return (
    <>
      {isRoom && <Devices />}
      <button class="primary huge" onClick={() => void enter()}>{text.join}</button>
      {isRoom && (
        <button class="huge second" onClick={() => { isTestWanted.value = true; void enter(); }}>
          {text.page.lineTest}
        </button>
      )}
      <p class="muted">{isRoom ? text.joinHelp : ""}</p>
    </>
  );
}

function Body() {
  const text = t();
  switch (entrance.value) {
    case "ready":
      return <Ready />;
    case "bad-link":
      return <p role="alert">{text.badLink}</p>;
    case "too-many":
      return <p role="alert">{text.tooManyTries}</p>;
    case "no-server":
      return (
        <>
          <p role="alert">{text.noServer}</p>
          <button class="primary" onClick={() => void checkLink()}>{text.retry}</button>
        </>
      );
    default:
      return <><p role="status">{text.joining}</p><p class="muted">{text.page.allowAll}</p></>;
  }
}

export function Entrance() {
  const meeting = joinedMeeting.value;
  return (
    <main class="entrance">
      <p class="brand">Nhịp Cầu</p>
      <h1>{meeting?.title ?? "Nhịp Cầu"}</h1>
      {meeting?.site && <p class="own">{meeting.site}</p>}
      <Body />
      <button class="plain" onClick={switchLanguage}>{t().language}</button>
    </main>
  );
}

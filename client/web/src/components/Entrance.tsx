import { checkLink, enter, entrance } from "../room";
import { switchLanguage, t } from "../texts";

function Body() {
  const text = t();
  switch (entrance.value) {
    case "ready":
      return (
        <>
          <button class="primary huge" onClick={() => void enter()}>{text.join}</button>
          <p class="muted">{text.joinHelp}</p>
        </>
      );
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
      return <p role="status">{text.joining}</p>;
  }
}

export function Entrance() {
  return (
    <main class="entrance">
      <h1>Nhịp Cầu</h1>
      <Body />
      <button class="plain" onClick={switchLanguage}>{t().language}</button>
    </main>
  );
}

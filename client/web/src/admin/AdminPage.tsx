// Administration: meetings with their rooms and links, accounts, who is signed in.
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { Notices, Questions, Tabs } from "../desk/parts";
import { switchLanguage, t } from "../texts";
import { Accounts, Tokens } from "./Accounts";
import { Refused, signIn, signOut, token } from "./api";
import { MeetingList } from "./Meetings";
import { NewMeeting } from "./NewMeeting";

type Tab = "meetings" | "accounts" | "tokens";

// A meeting is being made, in the place of the list.
export const isMaking = signal(false);

function SignIn() {
  const [fault, setFault] = useState("");
  const [isBusy, setBusy] = useState(false);
  const text = t().admin;
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const data = new FormData(event.target as HTMLFormElement);
    setBusy(true);
    setFault("");
    try {
      await signIn(String(data.get("account")).trim(), String(data.get("secret")));
    } catch (error) {
      const status = error instanceof Refused ? error.status : 0;
      setFault(status === 401 || status === 400 ? text.wrongSecret : status === 429 ? t().tooManyTries : (error as Error).message);
      setBusy(false);
    }
  };
  return (
    <main class="entrance">
      <p class="brand">Nhịp Cầu</p>
      <h1>{text.title}</h1>
      <form class="form" onSubmit={(event) => void send(event)}>
        <label>{text.account}<input name="account" required maxLength={64} autocomplete="username" autofocus /></label>
        <label>{text.secret}<input name="secret" type="password" required maxLength={200} autocomplete="current-password" /></label>
        {fault && <p role="alert" class="complaint">{fault}</p>}
        <button class="primary huge" type="submit" disabled={isBusy}>{text.signIn}</button>
      </form>
      <button class="plain" onClick={switchLanguage}>{t().language}</button>
    </main>
  );
}

export function AdminPage() {
  const text = t().admin;
  if (!token.value) return <SignIn />;
  const names: [Tab, string][] = [["meetings", text.meetings], ["accounts", text.accounts], ["tokens", text.tokens]];
  return (
    <div class="admin">
      <header>
        <div><h1>{text.title}</h1></div>
        <div class="status">
          <button class="plain" onClick={switchLanguage}>{t().language}</button>
          <button onClick={() => void signOut()}>{text.signOut}</button>
        </div>
      </header>
      <Notices />
      <Questions />
      <main>
        {isMaking.value ? <NewMeeting onDone={() => { isMaking.value = false; }} /> : (
          <Tabs label={text.title} names={names}>
            {(open) => (open === "meetings" ? <MeetingList onNew={() => { isMaking.value = true; }} />
              : open === "accounts" ? <Accounts /> : <Tokens />)}
          </Tabs>
        )}
      </main>
    </div>
  );
}

// Accounts of those who are not a room, and everything that is signed in.
import { useEffect, useState } from "preact/hooks";
import { ask as question, complain, tell } from "../desk/notice";
import { hourMinute, dayOf } from "../desk/time";
import { t } from "../texts";
import { ask, Refused, type Account, type Token } from "./api";

const ROLES = ["operator", "secretary", "chair", "observer"] as const;

export const fault = (error: unknown): void => complain(error instanceof Refused ? error.message : String(error));

export const roleWord = (role: string): string => t().admin.roles[role as keyof ReturnType<typeof t>["admin"]["roles"]] ?? role;

function useList<T>(path: string): [T[] | null, () => void] {
  const [list, setList] = useState<T[] | null>(null);
  const load = (): void => { void ask<T[]>("GET", path).then(setList, fault); };
  useEffect(load, []);
  return [list, load];
}

export function Accounts() {
  const text = t().admin;
  const [list, load] = useList<Account>("accounts");
  const [made, setMade] = useState<{ account: string; secret: string } | null>(null);
  const put = async (account: string, role: string, secret: string): Promise<void> => {
    try {
      const answer = await ask<{ account: string; secret: string | null }>("POST", "accounts",
        { account, role, ...(secret ? { secret } : {}) });
      setMade(answer.secret ? { account, secret: answer.secret } : null);
      tell(text.accountKept(account));
      load();
    } catch (error) {
      fault(error);
    }
  };
  const remove = (account: string): void => question(text.removeAsk(account), text.remove, () => {
    void ask("DELETE", `accounts/${account}`).then(load, fault);
  });
  const send = (event: Event): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement, data = new FormData(form);
    void put(String(data.get("account")).trim(), String(data.get("role")), String(data.get("secret"))).then(() => form.reset());
  };
  return (
    <>
      <table class="admin-table">
        <thead><tr><th scope="col">{text.account}</th><th scope="col">{text.role}</th><th scope="col">{text.actions}</th></tr></thead>
        <tbody>
          {(list ?? []).map((each) => (
            <tr key={each.account}>
              <th scope="row">{each.account}</th>
              <td>{roleWord(each.role)}</td>
              <td class="row">
                <button aria-label={`${text.newSecret}: ${each.account}`} onClick={() => question(text.newSecretAsk(each.account), text.newSecret,
                  () => void put(each.account, each.role, ""))}>{text.newSecret}</button>
                <button class="danger" aria-label={`${text.remove}: ${each.account}`} onClick={() => remove(each.account)}>{text.remove}</button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {made && <p class="secret" role="status">{text.secretOnce(made.account)} <code>{made.secret}</code></p>}
      <h2>{text.addAccount}</h2>
      <form class="form admin-line" onSubmit={send}>
        <label>{text.account}<input name="account" required maxLength={64} pattern="[a-z0-9](-?[a-z0-9])*" title={text.slugHelp} /></label>
        <label>{text.role}
          <select name="role">{ROLES.map((role) => <option key={role} value={role}>{roleWord(role)}</option>)}</select>
        </label>
        <label>{text.secretOptional}<input name="secret" type="password" minLength={8} maxLength={200} autocomplete="new-password" /></label>
        <button class="primary" type="submit">{text.keepAccount}</button>
      </form>
    </>
  );
}

export function Tokens() {
  const text = t().admin;
  const [list, load] = useList<Token>("tokens");
  const revoke = (each: Token): void => question(text.revokeAsk, text.revoke, () => {
    void ask("DELETE", `tokens/${each.token}`).then(load, fault);
  });
  return (
    <table class="admin-table">
      <thead>
        <tr>
          <th scope="col">{text.who}</th><th scope="col">{text.role}</th><th scope="col">{text.meeting}</th>
          <th scope="col">{text.until}</th><th scope="col">{text.actions}</th>
        </tr>
      </thead>
      <tbody>
        {(list ?? []).map((each) => (
          <tr key={each.token}>
            <th scope="row">{each.account ?? each.site ?? "–"}</th>
            <td>{roleWord(each.role)}</td>
            <td>{each.meeting ?? "–"}</td>
            <td>{each.expires ? `${hourMinute(each.expires)} ${dayOf(each.expires)}` : "–"}</td>
            <td><button class="danger" aria-label={`${text.revoke}: ${each.account ?? each.site ?? ""} ${each.token.slice(0, 4)}`}
              onClick={() => revoke(each)}>{text.revoke}</button></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

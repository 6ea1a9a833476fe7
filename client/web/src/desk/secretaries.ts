// Secretaries who are at their desks and can be called into a private consult.
import { bearer, snapshot } from "../room";

export async function findSecretaries(): Promise<string[]> {
  const meeting = snapshot.value?.meeting.id ?? "";
  const answer = await fetch(`/api/v1/meetings/${meeting}/desks.json`, { headers: { Authorization: bearer() } })
    .catch(() => null);
  if (!answer?.ok) return [];
  const desks = (await answer.json()) as { account: string; role: string }[];
  return [...new Set(desks.filter((desk) => desk.role === "secretary").map((desk) => desk.account))];
}

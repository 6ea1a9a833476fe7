// Accounts of secretaries who can be called into a private consult, as far as the journal names them.
import { computed } from "@preact/signals";
import type { Actor } from "../protocol";
import { snapshot } from "../room";

export const secretaries = computed<string[]>(() => {
  const state = snapshot.value;
  if (!state) return [];
  const versions = state.papers.flatMap((paper) => paper.versions);
  const actors: Actor[] = [...state.notes, ...state.directives, ...versions].map((each) => each.by);
  const names = actors.filter((actor) => actor.role === "secretary" && actor.account !== null);
  return [...new Set(names.map((actor) => actor.account as string))].slice(-4);
});

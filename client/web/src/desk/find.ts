// Finding by name without diacritics, however it was composed: "da nang" finds "Thành phố Đà Nẵng".

export function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐðÐ]/g, "d").toLowerCase()
    .replace(/\s+/g, " ").trim();
}

// Every word of `wanted` begins a word of `text`.
export function matches(text: string, wanted: string): boolean {
  const words = ` ${plain(text)}`.replace(/[^\p{L}\p{N}]+/gu, " ");
  return plain(wanted).split(" ").filter(Boolean).every((word) => words.includes(` ${word}`));
}

// What a person has typed, as the protocol takes it.
export const clean = (text: string): string =>
  text.normalize("NFC").replace(/[\p{Cc}\u2028\u2029]/gu, (c) => (c === "\n" ? c : " ")).trim();

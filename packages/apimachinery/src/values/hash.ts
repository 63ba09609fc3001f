import { canonicalJson } from "./deep.ts";

/** Digits and consonants without look-alikes and vowels, so that no generated name spells a word. */
export const safeAlphabet = "bcdfghjklmnpqrstvwxz2456789";

/** FNV-1a of the text's UTF-8 bytes, 32 bits. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, "utf8")) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Replaces every character of `text` by a safe one: same text, same result, of the same length. */
export function safeEncode(text: string): string {
  return Array.from(text, (char) => safeAlphabet[(char.codePointAt(0) ?? 0) % safeAlphabet.length]).join("");
}

/**
 * A short, stable name for the content of `template`, as in `pod-template-hash`. `collisionCount` gives another name
 * for the same content when one is taken. Fields absent or undefined do not matter, nor does their order.
 */
export function templateHash(template: unknown, collisionCount?: number): string {
  const suffix = collisionCount === undefined ? "" : `#${collisionCount}`;
  return safeEncode(String(fnv1a32(canonicalJson(template) + suffix)));
}

/** `length` random safe characters; `random` is uniform in [0, 1). */
export function randomSuffix(length: number, random: () => number = Math.random): string {
  return Array.from({ length }, () => safeAlphabet[Math.floor(random() * safeAlphabet.length)]).join("");
}

const suffixLength = 5;
const maxGeneratedName = 63;

/** A name for a `generateName`: its start and five random characters, at most 63 in all. */
export function generateName(base: string, random?: () => number): string {
  return base.slice(0, maxGeneratedName - suffixLength) + randomSuffix(suffixLength, random);
}

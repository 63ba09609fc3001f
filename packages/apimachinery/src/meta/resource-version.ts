/** Matches resource versions as the store gives them: decimal numbers without leading zeros. */
const versionPattern = /^(?:0|[1-9][0-9]*)$/;

/** Orders two resourceVersions of one resource: negative if `a` is older. Throws a plain error on text that is no version. */
export function compareResourceVersions(a: string, b: string): number {
  for (const version of [a, b]) {
    if (!versionPattern.test(version) || version === "0") {
      throw new Error(`resource version is not well formed: ${JSON.stringify(version)}`);
    }
  }
  // Longer is larger, and equally long digits compare as text: exact beyond 2^53.
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The store revision that a request's resourceVersion names; empty is 0. Undefined if it is not a number. */
export function parseResourceVersion(text: string): number | undefined {
  if (text === "") return 0;
  if (!/^[0-9]+$/.test(text)) return undefined;
  const revision = Number(text);
  return Number.isSafeInteger(revision) ? revision : undefined;
}

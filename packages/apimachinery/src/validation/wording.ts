/** Sentences that many validators share. */

export const emptyError = "must be non-empty";

export function maxLengthError(bytes: number): string {
  return `must be no more than ${bytes} bytes`;
}

export function inclusiveRangeError(min: number, max: number): string {
  return `must be between ${min} and ${max}, inclusive`;
}

/** A rule broken, with examples of what keeps it: `… (e.g. 'a',  or 'b', regex used for validation is '…')`. */
export function regexError(message: string, format: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${format}')`;
  const shown = examples.map((example) => `'${example}', `).join(" or ");
  return `${message} (e.g. ${shown}regex used for validation is '${format}')`;
}

/** One word for a POSIX shell, whatever it contains. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Several words, as a command line. */
export const shellWords = (words: readonly string[]): string => words.map(shellQuote).join(" ");

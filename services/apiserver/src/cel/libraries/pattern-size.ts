/** Quoted escapes, classes, groups and repetitions, each as one; everything else by character. */
const token = /\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|\{(\d+)(,?)(\d*)\}|[*+?]|./gsu;

/**
 * About how many instructions a pattern makes. Compiling and matching take time in proportion, and repetitions make much out of little text:
 * `(…){1000}` is its group a thousand times.
 */
export function patternSize(pattern: string): number {
  const around: number[] = [];
  let size = 0;
  let last = 0;
  for (const [text, least, comma, most] of pattern.matchAll(token)) {
    if (text === "(") {
      around.push(size);
      size = 0;
      last = 0;
    } else if (text === ")") {
      last = size + 2;
      size = (around.pop() ?? 0) + last;
    } else if (least !== undefined) {
      const times = Math.max(1, Number(least), comma ? Number(most) : 0);
      const optional = comma ? Math.max(0, Number(most) - Number(least)) : 0;
      size += last * (times - 1) + optional;
      last = last * times + optional;
    } else {
      last = 1;
      size += 1;
    }
  }
  return around.reduce((sum, one) => sum + one, size);
}

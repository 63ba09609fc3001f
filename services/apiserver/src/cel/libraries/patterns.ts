import { RE2JS } from "re2js";
import { patternSize } from "./pattern-size.ts";

interface Compiled {
  readonly regexp: RE2JS;
  readonly size: number;
}

const known = new Map<string, Compiled>();
let knownSize = 0;
const maxKnownSize = 500_000;
/** Instructions: larger patterns take more than half a second to compile. */
const maxSize = 15_000;
/** Time that one text may take: instructions of the pattern times characters. */
const maxWork = 50_000_000;

/** Compiles a pattern of RE2, which takes time in proportion to the text whatever the pattern; throws for one that is none or makes too much. */
export function compilePattern(pattern: string): RE2JS {
  return compiled(pattern).regexp;
}

/** Whether `text` has a match anywhere. Throws for a pattern that cannot be compiled, and for a text that is too long for it. */
export function matchesPattern(pattern: string, text: string): boolean {
  const { regexp, size } = compiled(pattern);
  if (text.length * size > maxWork) throw new Error("text is too long to be matched");
  return regexp.test(text);
}

function compiled(pattern: string): Compiled {
  const found = known.get(pattern);
  if (found) return found;
  const size = patternSize(pattern);
  if (size > maxSize) throw new Error("error parsing regexp: expression too large");
  const made = { regexp: RE2JS.compile(pattern), size };
  if (knownSize + size > maxKnownSize) {
    known.clear();
    knownSize = 0;
  }
  known.set(pattern, made);
  knownSize += size;
  return made;
}

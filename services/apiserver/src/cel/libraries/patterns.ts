import { RE2JS } from "re2js";
import { patternSize } from "./pattern-size.ts";

const known = new Map<string, RE2JS>();
let knownSize = 0;
const maxKnownSize = 500_000;
/** Instructions: larger patterns take more than half a second to compile. */
const maxSize = 15_000;

/** Compiles a pattern of RE2, which takes time in proportion to the text whatever the pattern; throws for one that is none or makes too much. */
export function compilePattern(pattern: string): RE2JS {
  const found = known.get(pattern);
  if (found) return found;
  const size = patternSize(pattern);
  if (size > maxSize) throw new Error("error parsing regexp: expression too large");
  const compiled = RE2JS.compile(pattern);
  if (knownSize + size > maxKnownSize) {
    known.clear();
    knownSize = 0;
  }
  known.set(pattern, compiled);
  knownSize += size;
  return compiled;
}

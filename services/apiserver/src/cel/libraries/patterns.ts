import { RE2JS } from "re2js";

const known = new Map<string, RE2JS>();
const maxKnown = 512;

/** Compiles a pattern of RE2, which takes time in proportion to the text whatever the pattern; throws for one that is none. */
export function compilePattern(pattern: string): RE2JS {
  const found = known.get(pattern);
  if (found) return found;
  const compiled = RE2JS.compile(pattern);
  if (known.size >= maxKnown) known.clear();
  known.set(pattern, compiled);
  return compiled;
}

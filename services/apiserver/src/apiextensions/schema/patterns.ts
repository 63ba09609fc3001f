import { errorMessage } from "@tskube/base";
import { RE2JS } from "re2js";

/** RE2, not JavaScript's engine: patterns come from users, and its time is linear in the text whatever they wrote. */
const compiled = new Map<string, RE2JS | undefined>();
const maxKept = 2_000;

/** Whether `text` has a match of the pattern anywhere. A pattern that does not compile matches nothing. */
export function matchesPattern(pattern: string, text: string): boolean {
  return compile(pattern)?.matcher(text).find() ?? false;
}

/** Why the pattern does not compile, or undefined. */
export function patternError(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return errorMessage(error);
  }
}

function compile(pattern: string): RE2JS | undefined {
  if (compiled.has(pattern)) return compiled.get(pattern);
  if (compiled.size >= maxKept) compiled.clear();
  const made = patternError(pattern) === undefined ? RE2JS.compile(pattern) : undefined;
  compiled.set(pattern, made);
  return made;
}

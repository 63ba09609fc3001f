import { errorMessage } from "@tskube/base";
import { compilePattern, patternSize } from "../../cel/index.ts";

/** Time that one text may take: instructions of the pattern times characters. */
const maxWork = 50_000_000;

/** Whether `text` has a match of the pattern anywhere. A pattern that does not compile matches nothing, and no pattern a text too long for it. */
export function matchesPattern(pattern: string, text: string): boolean {
  if (text.length * patternSize(pattern) > maxWork) return false;
  try {
    return compilePattern(pattern).test(text);
  } catch {
    return false;
  }
}

/** Why the pattern does not compile, or undefined. */
export function patternError(pattern: string): string | undefined {
  try {
    compilePattern(pattern);
    return undefined;
  } catch (error) {
    return errorMessage(error);
  }
}

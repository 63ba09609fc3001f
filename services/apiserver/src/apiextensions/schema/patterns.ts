import { errorMessage } from "@tskube/base";
import * as cel from "../../cel/index.ts";

/** Whether `text` has a match of the pattern anywhere. A pattern that does not compile matches nothing, and no pattern a text too long for it. */
export function matchesPattern(pattern: string, text: string): boolean {
  try {
    return cel.matchesPattern(pattern, text);
  } catch {
    return false;
  }
}

/** Why the pattern does not compile, or undefined. */
export function patternError(pattern: string): string | undefined {
  try {
    cel.compilePattern(pattern);
    return undefined;
  } catch (error) {
    return errorMessage(error);
  }
}

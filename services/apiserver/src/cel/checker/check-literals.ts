import { errorMessage } from "@tskube/base";
import { compilePattern } from "../libraries/patterns.ts";
import { type Expr, partsOf } from "../syntax/ast.ts";
import type { Issue } from "../syntax/issues.ts";
import { parseDuration, parseTimestamp } from "../values/index.ts";

/** Literal arguments that can never be what their functions want: patterns, durations and times. */
export function checkLiteralArguments(expr: Expr): readonly Issue[] {
  const below = partsOf(expr).flatMap(checkLiteralArguments);
  if (expr.kind !== "call") return below;
  const argument = expr.target !== undefined || expr.name !== "matches" ? expr.args[0] : expr.args[1];
  if (argument?.kind !== "literal" || argument.literal.type !== "string") return below;
  const problem = problemOf(expr.name, argument.literal.value);
  return problem === undefined ? below : [...below, { at: argument.at, message: problem }];
}

function problemOf(name: string, text: string): string | undefined {
  switch (name) {
    case "matches":
      try {
        compilePattern(text);
        return undefined;
      } catch (error) {
        return `invalid matches argument: ${errorMessage(error)}`;
      }
    case "duration":
      return parseDuration(text) ? undefined : "invalid duration argument";
    case "timestamp":
      return parseTimestamp(text) ? undefined : "invalid timestamp argument";
    default:
      return undefined;
  }
}

import type { SubjectAccessReviewSpec } from "@tskube/api";
import { errorMessage } from "@tskube/base";
import { compileExpression } from "../cel/expression.ts";

export type MatchOutcome = { readonly matches: boolean } | { readonly error: Error };

/** Compiles conditions on `request`, which must all hold. One that is false decides, even where another cannot be evaluated. */
export function reviewConditions(expressions: readonly string[]): (spec: SubjectAccessReviewSpec) => MatchOutcome {
  const compiled = expressions.map((expression) => compileExpression(expression, "matchCondition"));
  return (spec) => {
    const request = requestOf(spec);
    const errors: string[] = [];
    for (const condition of compiled) {
      try {
        const result = condition.evaluate(request);
        if (result === false) return { matches: false };
      } catch (error) {
        errors.push(`cel evaluation error: expression '${condition.text}' resulted in error: ${errorMessage(error)}`);
      }
    }
    if (errors.length === 0) return { matches: true };
    return { error: new Error(errors.length === 1 ? errors[0] : `[${errors.join(", ")}]`) };
  };
}

/** With every field there, so that expressions need not ask; `has` tells which of both kinds of attributes a request has. */
function requestOf(spec: SubjectAccessReviewSpec): object {
  const { resourceAttributes, nonResourceAttributes, user = "", groups = [], uid = "", extra = {} } = spec;
  const empty = { namespace: "", verb: "", group: "", version: "", resource: "", subresource: "", name: "" };
  return {
    user,
    groups,
    uid,
    extra,
    ...(resourceAttributes && { resourceAttributes: { ...empty, ...resourceAttributes } }),
    ...(nonResourceAttributes && { nonResourceAttributes: { path: "", verb: "", ...nonResourceAttributes } }),
  };
}

import { check } from "./checker/check.ts";
import type { Checked } from "./checker/facts.ts";
import type { Environment } from "./environment.ts";
import { CostMeter } from "./interpreter/cost.ts";
import { planExpression } from "./interpreter/plan.ts";
import { parse } from "./syntax/parser.ts";
import type { Type } from "./types.ts";
import type { Value } from "./values/index.ts";

/** The variables of an evaluation; asked for when the expression first needs them. Undefined for one that is not there. */
export type Variables = (name: string) => Value | undefined;

/** An expression that was parsed, checked and planned once. */
export interface Program {
  readonly text: string;
  /** What it evaluates to; `dyn` when that is known only then. */
  readonly type: Type;
  /** What is known of its parts, to find what it names or to estimate its cost. */
  readonly checked: Checked;
  /**
   * Evaluates it; what that costs goes to `meter`. Throws `EvaluationError`, or `CostLimitExceeded`. One evaluation runs from beginning to end: nothing
   * waits.
   */
  evaluate(variables: Variables, meter?: CostMeter): Value;
}

/** Compiles `text` for an environment; throws `InvalidExpression` with everything that is wrong with it. */
export function compile(text: string, environment: Environment): Program {
  const checked = check(text, parse(text), environment);
  const step = planExpression(checked);
  return {
    text,
    type: checked.type,
    checked,
    evaluate: (variable, meter = new CostMeter()) => step({ variable, locals: [], meter }),
  };
}

import { errorMessage } from "@tskube/base";
import type { Bindings } from "../cel/bindings.ts";
import type { CompiledValidation, Policy } from "./compile-policy.ts";

/** Something that a policy holds against a write. */
export interface Violation {
  readonly message: string;
  readonly reason: string;
}

export interface Judgement {
  readonly violations: readonly Violation[];
  readonly annotations: readonly { readonly key: string; readonly value: string }[];
}

/** Judges one write by one policy with one set of parameters. */
export function evaluatePolicy(policy: Policy, bindings: Bindings): Judgement {
  const outcome = policy.conditions(() => bindings);
  if ("error" in outcome) return { violations: failures(policy, outcome.error), annotations: [] };
  if (!outcome.matches) return { violations: [], annotations: [] };
  const all = policy.withVariables(bindings);
  return {
    violations: policy.validations.flatMap((validation) => violationsOf(policy, validation, all)),
    annotations: policy.auditAnnotations.flatMap(({ key, expression }) => {
      const value = textOf(() => expression.evaluate(all));
      return value === undefined ? [] : [{ key: `${policy.name}/${key}`, value }];
    }),
  };
}

/** A policy that cannot judge refuses, unless it is to be passed over. */
export function failures({ ignoresFailure }: Policy, error: unknown): readonly Violation[] {
  return ignoresFailure ? [] : [{ message: errorMessage(error), reason: "Invalid" }];
}

function violationsOf(policy: Policy, validation: CompiledValidation, bindings: Bindings): readonly Violation[] {
  const { source, expression, message } = validation;
  try {
    if (expression.evaluate(bindings) === true) return [];
  } catch (error) {
    const failure = new Error(`expression '${source.expression}' resulted in error: ${errorMessage(error)}`);
    return failures(policy, failure);
  }
  const own = message && textOf(() => message.evaluate(bindings));
  const fallback = source.message?.trim() || `failed expression: ${source.expression.trim()}`;
  return [{ message: own && !own.includes("\n") ? own : fallback, reason: source.reason || "Invalid" }];
}

/** What an expression says, trimmed; undefined when it says nothing or fails. */
function textOf(evaluate: () => unknown): string | undefined {
  try {
    const value = evaluate();
    return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
  } catch {
    return undefined;
  }
}

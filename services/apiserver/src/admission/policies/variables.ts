import { type CelInput, celMap } from "@bufbuild/cel";
import type { admissionregistrationV1 } from "@tskube/api";
import type { Bindings } from "../cel/bindings.ts";
import { compileOrFail, type Expression } from "../cel/expression.ts";

/** Adds `variables` to what expressions may name: each variable may use those before it. */
export type WithVariables = (bindings: Bindings) => Bindings;

/**
 * Compiles a policy's variables. They are evaluated once for each write; one that fails is absent, and only expressions that use it fail with it.
 */
export function createVariables(variables: readonly admissionregistrationV1.Variable[] = []): WithVariables {
  const compiled = variables.map(({ name, expression }) => ({ name, expression: compileOrFail(expression) }));
  if (compiled.length === 0) return (bindings) => bindings;
  return (bindings) => {
    let values: Record<string, CelInput> | undefined;
    return {
      authorization: bindings.authorization,
      values() {
        values ??= withVariables(bindings, compiled);
        return values;
      },
    };
  };
}

function withVariables(
  { authorization, values }: Bindings,
  compiled: readonly { readonly name: string; readonly expression: Expression }[],
): Record<string, CelInput> {
  const known = new Map<string, CelInput>();
  const all = { ...values(), variables: celMap(known) };
  for (const { name, expression } of compiled) {
    try {
      known.set(name, expression.evaluate({ authorization, values: () => all }) as CelInput);
    } catch {
      // Expressions that use it will find it absent and fail; others are not concerned.
    }
    all.variables = celMap(known);
  }
  return all;
}

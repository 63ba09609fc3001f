import { type FieldError, field, type Path } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import type { Compile, ExpressionPurpose } from "./validate-authentication.ts";

type Compiled = ReturnType<Compile>;

/** The expression, or what is wrong with it as a field's error. */
export function compileAt(
  expression: string,
  purpose: ExpressionPurpose,
  path: Path,
  compile: Compile,
): { readonly compiled?: Compiled; readonly errors: readonly FieldError[] } {
  try {
    return { compiled: compile(expression, purpose), errors: [] };
  } catch (error) {
    return { errors: [field.invalid(path, expression, errorMessage(error))] };
  }
}

import { type FieldError, field, Path } from "@tskube/apimachinery";

/** Conditions of both flow control kinds: each type once, and never without one. */
export function validateFlowConditions(
  conditions: readonly { readonly type?: string | undefined }[] = [],
): FieldError[] {
  const seen = new Set<string>();
  return conditions.flatMap(({ type = "" }, i) => {
    const at = Path.of("status", "conditions").index(i).child("type");
    const errors = seen.has(type) ? [field.duplicate(at, type)] : [];
    seen.add(type);
    return type === "" ? [...errors, field.required(at, "must not be empty")] : errors;
  });
}

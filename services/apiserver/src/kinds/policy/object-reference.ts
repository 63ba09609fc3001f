import { type FieldError, field, type Path, pathSegmentNameErrors } from "@tskube/apimachinery";
import { optionalName } from "../field-rules.ts";

/** The object that something is about, in whichever version. */
export function referenceErrors(reference: { readonly kind: string; readonly name: string }, at: Path): FieldError[] {
  return (["kind", "name"] as const).flatMap((name) => {
    const value = reference[name];
    return value ? optionalName(value, pathSegmentNameErrors, at.child(name)) : [field.required(at.child(name))];
  });
}

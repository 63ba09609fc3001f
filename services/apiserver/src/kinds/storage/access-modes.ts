import { type FieldError, field, type Path } from "@tskube/apimachinery";
import { optionalOneOf } from "../field-rules.ts";

const accessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
export const volumeModes = ["Block", "Filesystem"];

/** How a volume is shared: claims and volumes say it alike, and must. */
export function accessModeErrors(modes: readonly string[] = [], at: Path): FieldError[] {
  if (modes.length === 0) return [field.required(at, "at least 1 access mode is required")];
  const errors = modes.flatMap((mode) => optionalOneOf(mode, accessModes, at));
  if (modes.includes("ReadWriteOncePod") && modes.length > 1) {
    errors.push(field.forbidden(at, "may not use ReadWriteOncePod with other access modes"));
  }
  return errors;
}

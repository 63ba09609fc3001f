import { type FieldError, field, type Path } from "@tskube/apimachinery";

/** A path that does not climb. */
export function validateNoBacksteps(path: string, at: Path): FieldError[] {
  return path.split("/").includes("..") ? [field.invalid(at, path, "must not contain '..'")] : [];
}

/** A path that stays below where it is put. */
export function validateLocalPath(path: string, at: Path): FieldError[] {
  const errors = path.startsWith("/") ? [field.invalid(at, path, "must be a relative path")] : [];
  return [...errors, ...validateNoBacksteps(path, at)];
}

/** The path of a file in a volume whose own bookkeeping has names that begin with two dots. */
export function validateFilePath(path: string, at: Path): FieldError[] {
  const errors = validateLocalPath(path, at);
  if (path.startsWith("..") && !path.startsWith("../")) {
    errors.push(field.invalid(at, path, "must not start with '..'"));
  }
  return errors;
}

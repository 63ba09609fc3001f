import type { EnvFromSource, EnvVar, EnvVarSource } from "@tskube/api";
import { configMapKeyErrors, type FieldError, field, type Path, relaxedEnvVarNameErrors } from "@tskube/apimachinery";
import { optionalName } from "../../field-rules.ts";
import { environmentFields, validateFieldRef, validateResourceFieldRef } from "./downward.ts";
import { validateLocalPath } from "./local-paths.ts";

const oneOfSources =
  "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";

export function validateEnv(variables: readonly EnvVar[], at: Path): FieldError[] {
  return variables.flatMap(({ name, value, valueFrom }, index) => {
    const path = at.index(index);
    const errors = name
      ? optionalName(name, relaxedEnvVarNameErrors, path.child("name"))
      : [field.required(path.child("name"))];
    if (valueFrom) errors.push(...sourceErrors(valueFrom, Boolean(value), path.child("valueFrom")));
    return errors;
  });
}

function sourceErrors(source: EnvVarSource, hasValue: boolean, at: Path): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  const errors: FieldError[] = [];
  if (fieldRef) errors.push(...validateFieldRef(fieldRef, environmentFields, at.child("fieldRef")));
  if (resourceFieldRef) {
    errors.push(...validateResourceFieldRef(resourceFieldRef, { needsContainer: false }, at.child("resourceFieldRef")));
  }
  if (configMapKeyRef) errors.push(...keyRefErrors(configMapKeyRef, at.child("configMapKeyRef")));
  if (secretKeyRef) errors.push(...keyRefErrors(secretKeyRef, at.child("secretKeyRef")));
  if (fileKeyRef) errors.push(...fileRefErrors(fileKeyRef, at.child("fileKeyRef")));
  const count = Object.values(source).filter((one) => one !== undefined).length;
  if (count === 0) errors.push(field.invalid(at, "", oneOfSources));
  else if (hasValue) errors.push(field.invalid(at, "", "may not be specified when `value` is not empty"));
  else if (count > 1) errors.push(field.invalid(at, "", "may not have more than one field specified at a time"));
  return errors;
}

function keyRefErrors({ name, key }: { readonly name?: string | undefined; readonly key: string }, at: Path) {
  const errors = name ? [] : [field.required(at.child("name"))];
  if (!key) return [...errors, field.required(at.child("key"))];
  return [...errors, ...optionalName(key, configMapKeyErrors, at.child("key"))];
}

function fileRefErrors({ volumeName, path, key }: NonNullable<EnvVarSource["fileKeyRef"]>, at: Path): FieldError[] {
  const errors = volumeName ? [] : [field.required(at.child("volumeName"))];
  if (key) errors.push(...optionalName(key, relaxedEnvVarNameErrors, at.child("key")));
  else errors.push(field.required(at.child("key")));
  return [...errors, ...(path ? validateLocalPath(path, at.child("path")) : [field.required(at.child("path"))])];
}

export function validateEnvFrom(sources: readonly EnvFromSource[], at: Path): FieldError[] {
  return sources.flatMap(({ prefix, configMapRef, secretRef }, index) => {
    const path = at.index(index);
    const errors = optionalName(prefix, relaxedEnvVarNameErrors, path.child("prefix"));
    for (const [name, ref] of Object.entries({ configMapRef, secretRef })) {
      if (ref && !ref.name) errors.push(field.required(path.child(name, "name")));
    }
    if (!configMapRef && !secretRef) {
      errors.push(field.invalid(at, "", "must specify one of: `configMapRef` or `secretRef`"));
    } else if (configMapRef && secretRef) {
      errors.push(field.invalid(at, "", "may not have more than one field specified at a time"));
    }
    return errors;
  });
}

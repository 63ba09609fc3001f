import type { StorageClass } from "@tskube/api";
import { deepEqual, type FieldError, field, Path, qualifiedNameErrors, validateImmutable } from "@tskube/apimachinery";
import { oneOf, optionalName, optionalOneOf } from "../field-rules.ts";

const reclaimPolicies = ["Delete", "Retain"];
const bindingModes = ["Immediate", "WaitForFirstConsumer"];

export function validateStorageClass({ provisioner, reclaimPolicy, volumeBindingMode }: StorageClass): FieldError[] {
  const path = Path.of("provisioner");
  return [
    ...(provisioner ? optionalName(provisioner.toLowerCase(), qualifiedNameErrors, path) : [field.required(path)]),
    ...optionalOneOf(reclaimPolicy, reclaimPolicies, Path.of("reclaimPolicy")),
    ...oneOf(volumeBindingMode, bindingModes, Path.of("volumeBindingMode")),
  ];
}

export function validateStorageClassUpdate(object: StorageClass, old: StorageClass): FieldError[] {
  const errors = validateStorageClass(object);
  for (const name of ["parameters", "provisioner"] as const) {
    if (!deepEqual(object[name] ?? {}, old[name] ?? {})) {
      errors.push(field.forbidden(Path.of(name), `updates to ${name} are forbidden.`));
    }
  }
  for (const name of ["reclaimPolicy", "volumeBindingMode"] as const) {
    errors.push(...validateImmutable(object[name], old[name], Path.of(name)));
  }
  return errors;
}

import { formatGroupVersionKind, gvkOf } from "../meta/group-version.ts";
import type { ManagedFieldsEntry, ObjectMetaLike, OwnerReferenceLike } from "../meta/object-meta.ts";
import { byteLength } from "../text/byte-length.ts";
import { deepEqual } from "../values/deep.ts";
import { type FieldError, forbidden, invalid, required, tooLong } from "./field-error.ts";
import { validateAnnotations, validateLabels } from "./labels.ts";
import { asPrefix, dns1123LabelErrors, type NameValidator, qualifiedNameErrors } from "./names.ts";
import type { Path } from "./path.ts";

export interface ObjectMetaRules {
  readonly isNamespaced: boolean;
  readonly nameErrors: NameValidator;
}

export const immutableFieldMessage = "field is immutable";

/** Checks the metadata of an object to be created, whose name has already been generated. */
export function validateObjectMeta(meta: ObjectMetaLike, rules: ObjectMetaRules, at: Path): FieldError[] {
  return [
    ...nameFieldErrors(meta, rules, at),
    ...namespaceErrors(meta.namespace ?? "", rules.isNamespaced, at.child("namespace")),
    ...nonNegativeErrors(meta.generation ?? 0, at.child("generation")),
    ...contentErrors(meta, at),
    ...finalizersErrors(meta.finalizers ?? [], at.child("finalizers")),
  ];
}

/** What may not change, and the rest as on creation. `meta` must carry a resourceVersion. */
export function validateObjectMetaUpdate(meta: ObjectMetaLike, old: ObjectMetaLike, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp) errors.push(...newFinalizerErrors(meta, old, at.child("finalizers")));
  if (!meta.resourceVersion) errors.push(invalid(at.child("resourceVersion"), "", "must be specified for an update"));
  if ((meta.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(invalid(at.child("generation"), meta.generation ?? 0, "must not be decremented"));
  }
  for (const name of immutableFields) errors.push(...validateImmutable(meta[name], old[name], at.child(name)));
  return [...errors, ...contentErrors(meta, at)];
}

const immutableFields = [
  "name",
  "namespace",
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
] as const;

export function validateImmutable(value: unknown, old: unknown, at: Path): FieldError[] {
  return deepEqual(value ?? undefined, old ?? undefined) ? [] : [invalid(at, value, immutableFieldMessage)];
}

function nameFieldErrors(meta: ObjectMetaLike, { nameErrors }: ObjectMetaRules, at: Path): FieldError[] {
  const { name = "", generateName = "" } = meta;
  const prefixErrors = generateName === "" ? [] : asPrefix(nameErrors)(generateName);
  const errors = prefixErrors.map((message) => invalid(at.child("generateName"), generateName, message));
  if (name === "") return [...errors, required(at.child("name"), "name or generateName is required")];
  return [...errors, ...nameErrors(name).map((message) => invalid(at.child("name"), name, message))];
}

function namespaceErrors(namespace: string, isNamespaced: boolean, at: Path): FieldError[] {
  if (!isNamespaced) return namespace === "" ? [] : [forbidden(at, "not allowed on this type")];
  if (namespace === "") return [required(at)];
  return dns1123LabelErrors(namespace).map((message) => invalid(at, namespace, message));
}

export function nonNegativeErrors(value: number, at: Path): FieldError[] {
  return value < 0 ? [invalid(at, value, "must be greater than or equal to 0")] : [];
}

function contentErrors(meta: ObjectMetaLike, at: Path): FieldError[] {
  return [
    ...validateLabels(meta.labels, at.child("labels")),
    ...validateAnnotations(meta.annotations, at.child("annotations")),
    ...validateOwnerReferences(meta.ownerReferences ?? [], at.child("ownerReferences")),
    ...validateManagedFields(meta.managedFields ?? [], at.child("managedFields")),
  ];
}

function newFinalizerErrors(meta: ObjectMetaLike, old: ObjectMetaLike, at: Path): FieldError[] {
  const before = new Set(old.finalizers);
  const added = [...new Set(meta.finalizers)].filter((finalizer) => !before.has(finalizer)).sort();
  if (added.length === 0) return [];
  const shown = `[]string{${added.map((name) => JSON.stringify(name)).join(", ")}}`;
  const rule = "no new finalizers can be added if the object is being deleted";
  return [forbidden(at, `${rule}, found new finalizers ${shown}`)];
}

function finalizersErrors(finalizers: readonly string[], at: Path): FieldError[] {
  const errors = finalizers.flatMap((finalizer) => validateFinalizerName(finalizer, at));
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    errors.push(invalid(at, finalizers, "finalizer orphan and foregroundDeletion cannot be both set"));
  }
  return errors;
}

export function validateFinalizerName(finalizer: string, at: Path): FieldError[] {
  return qualifiedNameErrors(finalizer).map((message) => invalid(at, finalizer, message));
}

export function validateOwnerReferences(references: readonly OwnerReferenceLike[], at: Path): FieldError[] {
  const errors: FieldError[] = [];
  let controller = "";
  for (const reference of references) {
    errors.push(...ownerReferenceErrors(reference, at));
    if (!reference.controller) continue;
    const name = `${reference.kind}/${reference.name}`;
    if (controller === "") controller = name;
    else errors.push(invalid(at, references, severalControllersMessage(controller, name)));
  }
  return errors;
}

function severalControllersMessage(first: string, other: string): string {
  return `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${other}`;
}

function ownerReferenceErrors(reference: OwnerReferenceLike, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  const apiVersion = reference.apiVersion ?? "";
  // A malformed apiVersion counts as one without a version.
  const version = apiVersion.split("/").length > 2 ? "" : (apiVersion.split("/").at(-1) ?? "");
  if (version === "") errors.push(invalid(at.child("apiVersion"), apiVersion, "version must not be empty"));
  for (const name of ["kind", "name", "uid"] as const) {
    if (!reference[name]) errors.push(invalid(at.child(name), reference[name] ?? "", "must not be empty"));
  }
  if (apiVersion === "v1" && reference.kind === "Event") {
    const gvk = formatGroupVersionKind(gvkOf(reference));
    errors.push(invalid(at, reference, `${gvk} is disallowed from being an owner`));
  }
  return errors;
}

const maxSubresourceNameBytes = 256;

export function validateManagedFields(entries: readonly ManagedFieldsEntry[], at: Path): FieldError[] {
  return entries.flatMap((entry, i) => managedFieldsEntryErrors(entry, at.index(i)));
}

function managedFieldsEntryErrors(entry: ManagedFieldsEntry, at: Path): FieldError[] {
  const { operation = "", fieldsType = "", manager = "", subresource = "" } = entry;
  const errors: FieldError[] = [];
  if (operation !== "Apply" && operation !== "Update") {
    errors.push(invalid(at.child("operation"), operation, "must be `Apply` or `Update`"));
  }
  if (fieldsType !== "" && fieldsType !== "FieldsV1") {
    errors.push(invalid(at.child("fieldsType"), fieldsType, "must be `FieldsV1`"));
  }
  errors.push(...validateFieldManager(manager, at.child("manager")));
  if (byteLength(subresource) > maxSubresourceNameBytes) {
    errors.push(tooLong(at.child("subresource"), maxSubresourceNameBytes));
  }
  return errors;
}

const maxFieldManagerBytes = 128;

/** Empty means none was given, which is fine. */
export function validateFieldManager(manager: string, at: Path): FieldError[] {
  const errors = byteLength(manager) > maxFieldManagerBytes ? [tooLong(at, maxFieldManagerBytes)] : [];
  let position = 0;
  for (const char of manager) {
    if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char)) {
      const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
      errors.push(invalid(at, manager, `invalid character U+${code} (at position ${position})`));
    }
    position += byteLength(char);
  }
  return errors;
}

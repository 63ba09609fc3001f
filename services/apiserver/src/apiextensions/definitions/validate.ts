import type { apiextensionsV1 } from "@tskube/api";
import { deepEqual, dns1035LabelErrors, type FieldError, field, Path, validateImmutable } from "@tskube/apimachinery";
import { approvalErrors } from "./approval.ts";
import { isTrue } from "./conditions.ts";
import { conversionErrors } from "./validate-conversion.ts";
import { groupErrors, missingNames, nameFormErrors } from "./validate-names.ts";
import { validateSchema } from "./validate-schema.ts";
import { columnErrors, deprecationErrors, selectableFieldErrors, subresourceErrors } from "./validate-version.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;
type Version = apiextensionsV1.CustomResourceDefinitionVersion;

const specPath = Path.of("spec");

export function validateDefinition(definition: Definition): FieldError[] {
  const { spec, metadata } = definition;
  const isNamed = metadata.name === `${spec.names.plural}.${spec.group}`;
  return [
    ...(isNamed
      ? []
      : [field.invalid(Path.of("metadata", "name"), metadata.name, 'must be spec.names.plural+"."+spec.group')]),
    ...specErrors(definition, undefined),
    ...statusErrors(definition),
    ...storedVersionErrors(definition),
    ...approvalErrors(definition, undefined),
    ...preserveErrors(definition, undefined),
  ];
}

export function validateDefinitionUpdate(definition: Definition, old: Definition): FieldError[] {
  const { spec } = definition;
  const names = specPath.child("names");
  return [
    ...specErrors(definition, old),
    ...(isTrue(old, "Established")
      ? [
          ...validateImmutable(spec.scope, old.spec.scope, specPath.child("scope")),
          ...validateImmutable(spec.names.kind, old.spec.names.kind, names.child("kind")),
        ]
      : []),
    ...validateImmutable(spec.group, old.spec.group, specPath.child("group")),
    ...validateImmutable(spec.names.plural, old.spec.names.plural, names.child("plural")),
    ...statusErrors(definition),
    ...storedVersionErrors(definition),
    ...approvalErrors(definition, old),
    ...preserveErrors(definition, old),
  ];
}

/** Of a write of the status, nothing but the names is looked at. */
export function validateDefinitionStatus(definition: Definition): FieldError[] {
  return statusErrors(definition);
}

function statusErrors({ status }: Definition): FieldError[] {
  return status ? nameFormErrors(status.acceptedNames, Path.of("status", "acceptedNames")) : [];
}

function specErrors({ spec }: Definition, old: Definition | undefined): FieldError[] {
  const errors = [...groupErrors(spec.group, specPath.child("group")), ...scopeErrors(spec.scope)];
  const versions = specPath.child("versions");
  for (const [index, version] of spec.versions.entries()) {
    const path = versions.index(index).child("name");
    const wrong = dns1035LabelErrors(version.name);
    if (!version.schema?.openAPIV3Schema && !(old?.spec.preserveUnknownFields && spec.preserveUnknownFields)) {
      errors.push(field.required(versions.index(index).child("schema", "openAPIV3Schema"), "schemas are required"));
    }
    if (wrong.length > 0) errors.push(field.invalid(path, version.name, wrong.join(",")));
    errors.push(...deprecationErrors(version, versions.index(index)));
  }
  errors.push(...sharedErrors(spec.versions, old?.spec.versions ?? []));
  if (new Set(spec.versions.map(({ name }) => name)).size < spec.versions.length) {
    errors.push(field.invalid(versions, spec.versions, "must contain unique version names"));
  }
  if (spec.versions.filter(({ storage }) => storage).length !== 1) {
    errors.push(field.invalid(versions, spec.versions, "must have exactly one version marked as storage version"));
  }
  return [
    ...errors,
    ...missingNames(spec.names, specPath.child("names")),
    ...nameFormErrors(spec.names, specPath.child("names")),
    ...conversionErrors(spec.conversion, specPath.child("conversion"), old?.spec.conversion),
  ];
}

function scopeErrors(scope: string): FieldError[] {
  const path = specPath.child("scope");
  if (!scope) return [field.required(path)];
  const scopes = ["Cluster", "Namespaced"];
  return scopes.includes(scope) ? [] : [field.notSupported(path, scope, scopes)];
}

/**
 * What versions say each, and all may say alike. As upstream, which keeps what is alike in one place: errors of that are told once, under
 * `spec.validation` and its like.
 */
function sharedErrors(versions: readonly Version[], old: readonly Version[]): FieldError[] {
  const before = (version: Version) => old.find(({ name }) => name === version.name);
  const schema = (version: Version, at: Path) => {
    const own = version.schema?.openAPIV3Schema;
    if (!own) return [];
    const isUnchanged = deepEqual(own, before(version)?.schema?.openAPIV3Schema);
    const hasStatus = version.subresources?.status !== undefined;
    return validateSchema(own, at.child("openAPIV3Schema"), { hasStatus, isUnchanged });
  };
  const columns = (version: Version, at: Path) =>
    (version.additionalPrinterColumns ?? []).flatMap((column, index) => columnErrors(column, at.index(index)));
  const selectable = (version: Version, at: Path) =>
    selectableFieldErrors(version.selectableFields ?? [], version.schema?.openAPIV3Schema, at);
  return [
    ...perVersion(versions, "schema", "validation", schema),
    ...perVersion(versions, "subresources", "subresources", ({ subresources }, at) =>
      subresourceErrors(subresources, at),
    ),
    ...perVersion(versions, "additionalPrinterColumns", "additionalPrinterColumns", columns),
    ...perVersion(versions, "selectableFields", "selectableFields", selectable),
  ];
}

function perVersion(
  versions: readonly Version[],
  part: keyof Version,
  shared: string,
  check: (version: Version, at: Path) => FieldError[],
): FieldError[] {
  const [first, ...others] = versions;
  if (first && others.every((version) => deepEqual(version[part], first[part]))) {
    return check(first, specPath.child(shared));
  }
  return versions.flatMap((version, index) => check(version, specPath.child("versions").index(index).child(part)));
}

function storedVersionErrors({ spec, status }: Definition): FieldError[] {
  const stored = status?.storedVersions ?? [];
  const path = Path.of("status", "storedVersions");
  if (stored.length === 0) return [field.invalid(path, stored, "must have at least one stored version")];
  const storage = spec.versions.find((version) => version.storage && !stored.includes(version.name));
  return [
    ...(storage ? [field.invalid(path, stored, `must have the storage version ${storage.name}`)] : []),
    ...stored.flatMap((name, index) =>
      spec.versions.some((version) => version.name === name)
        ? []
        : [
            field.invalid(
              path.index(index),
              name,
              `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
            ),
          ],
    ),
  ];
}

function preserveErrors({ spec }: Definition, old: Definition | undefined): FieldError[] {
  if (!spec.preserveUnknownFields || old?.spec.preserveUnknownFields) return [];
  const detail =
    "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead";
  return [field.invalid(specPath.child("preserveUnknownFields"), true, detail)];
}

import { type FieldError, field, formatDuration, type Path } from "@tskube/apimachinery";
import type { KmsProvider } from "./encryption-configuration.ts";

/** What is wrong with a KMS provider; `names` are those of the providers before it and grows by this one. */
export function validateKmsProvider(kms: KmsProvider, path: Path, names: Set<string>): FieldError[] {
  const errors = [
    ...validateName(kms, path.child("name"), names),
    ...validateTimeout(kms, path.child("timeout")),
    ...validateEndpoint(kms, path.child("endpoint")),
    ...validateVersion(kms, path),
  ];
  names.add(kms.name);
  return errors;
}

function validateName({ name }: KmsProvider, path: Path, names: ReadonlySet<string>): FieldError[] {
  if (name === "") return [field.required(path, "name is a mandatory field for a provider")];
  return [
    ...(name.includes(":")
      ? [field.invalid(path, name, `invalid KMS provider name ${name}, must not contain ':'`)]
      : []),
    ...(names.has(name)
      ? [field.invalid(path, name, `duplicate KMS provider name ${name}, names must be unique`)]
      : []),
  ];
}

function validateTimeout({ timeout }: KmsProvider, path: Path): FieldError[] {
  if (timeout === undefined || timeout > 0) return [];
  return [field.invalid(path, formatDuration(timeout), "timeout should be a positive value")];
}

function validateEndpoint({ endpoint }: KmsProvider, path: Path): FieldError[] {
  if (endpoint === "") return [field.invalid(path, "", "endpoint is a mandatory field for a kms")];
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(endpoint)?.[1] ?? "";
  if (scheme === "unix") return [];
  return [
    field.invalid(
      path,
      endpoint,
      `unsupported scheme ${JSON.stringify(scheme)} for KMS provider, only unix is supported`,
    ),
  ];
}

/** Version 1 of the plugins' interface is off by default upstream, and not there here. */
function validateVersion({ apiVersion, cachesize }: KmsProvider, path: Path): FieldError[] {
  if (apiVersion === "" || apiVersion === "v1") {
    return [
      field.invalid(
        path.child("apiVersion"),
        "v1",
        "KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead.  Set --feature-gates=KMSv1=true to use the deprecated KMSv1 feature.",
      ),
    ];
  }
  if (apiVersion !== "v2") {
    return [
      field.invalid(
        path.child("apiVersion"),
        apiVersion,
        "unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported",
      ),
    ];
  }
  if (cachesize === undefined) return [];
  return [field.invalid(path.child("cachesize"), cachesize, "cachesize is not supported in v2")];
}

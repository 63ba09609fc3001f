import type { DownwardAPIVolumeFile, KeyToPath, VolumeProjection } from "@tskube/api";
import { configMapKeyErrors, type FieldError, field, type Path } from "@tskube/apimachinery";
import { optionalName } from "../../field-rules.ts";
import { fileFields, validateFieldRef, validateResourceFieldRef } from "./downward.ts";
import { validateFilePath } from "./local-paths.ts";

const minTokenSeconds = 600;
const maxTokenSeconds = 2 ** 32;
const keyTypes = ["RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"];

export function validateMode(mode: number | undefined, at: Path): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return [];
  return [field.invalid(at, mode, "must be a number between 0 and 0777 (octal), both inclusive")];
}

interface WithItems {
  readonly defaultMode?: number | undefined;
  readonly items?: readonly KeyToPath[] | undefined;
}

/** A config map or secret of which keys become files. */
export function validateKeyItems({ defaultMode, items = [] }: WithItems, at: Path): FieldError[] {
  const errors = validateMode(defaultMode, at.child("defaultMode"));
  return [...errors, ...items.flatMap((item, index) => itemErrors(item, at.child("items").index(index)))];
}

function itemErrors({ key, path, mode }: KeyToPath, at: Path): FieldError[] {
  return [
    ...(key ? optionalName(key, configMapKeyErrors, at.child("key")) : [field.required(at.child("key"))]),
    ...(path ? validateFilePath(path, at.child("path")) : [field.required(at.child("path"))]),
    ...validateMode(mode, at.child("mode")),
  ];
}

/** Files with fields of the pod. Upstream names them all by the volume; clients know them so. */
export function validateDownwardFiles(files: readonly DownwardAPIVolumeFile[], at: Path): FieldError[] {
  return files.flatMap(({ path, fieldRef, resourceFieldRef, mode }) => {
    const errors = path ? validateFilePath(path, at.child("path")) : [field.required(at.child("path"))];
    if (fieldRef) {
      errors.push(...validateFieldRef(fieldRef, fileFields, at.child("fieldRef")));
      if (resourceFieldRef) {
        const detail = "fieldRef and resourceFieldRef can not be specified simultaneously";
        errors.push(field.invalid(at, "resource", detail));
      }
    } else if (resourceFieldRef) {
      const refAt = at.child("resourceFieldRef");
      errors.push(...validateResourceFieldRef(resourceFieldRef, { needsContainer: true }, refAt));
    } else errors.push(field.required(at, "one of fieldRef and resourceFieldRef is required"));
    return [...errors, ...validateMode(mode, at.child("mode"))];
  });
}

/** What a projected volume is made of: each source of one kind, and no two of them at one path. */
export function validateProjections(sources: readonly VolumeProjection[], at: Path): FieldError[] {
  const taken = new Set<string>();
  return sources.flatMap((source, index) => {
    const sourceAt = at.child("sources").index(index);
    const [first, ...others] = Object.entries(source).filter(([, value]) => value !== undefined);
    if (!first) return [field.required(sourceAt, "must specify a projection type")];
    const errors = projectionErrors(source, sourceAt);
    const more = others.map(([name]) =>
      field.forbidden(sourceAt.child(name), "may not specify more than 1 volume type per source"),
    );
    const conflicts = pathsOf(source).flatMap((path) => {
      const isTaken = taken.has(path);
      taken.add(path);
      return isTaken ? [field.invalid(sourceAt.child(first[0], "path"), path, "conflicting duplicate paths")] : [];
    });
    return [...errors, ...more, ...conflicts];
  });
}

function projectionErrors(source: VolumeProjection, at: Path): FieldError[] {
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = source;
  const errors: FieldError[] = [];
  for (const [name, one] of Object.entries({ secret, configMap })) {
    if (!one) continue;
    if (!one.name) errors.push(field.required(at.child(name, "name")));
    errors.push(...validateKeyItems(one, at.child(name)));
  }
  if (downwardAPI) errors.push(...validateDownwardFiles(downwardAPI.items ?? [], at.child("downwardAPI")));
  if (serviceAccountToken) errors.push(...tokenErrors(serviceAccountToken, at.child("serviceAccountToken")));
  if (clusterTrustBundle) errors.push(...bundleErrors(clusterTrustBundle, at.child("clusterTrustBundle")));
  if (podCertificate) errors.push(...certificateErrors(podCertificate, at.child("podCertificate")));
  return errors;
}

type Projection<K extends keyof VolumeProjection> = NonNullable<VolumeProjection[K]>;

function tokenErrors({ path, expirationSeconds }: Projection<"serviceAccountToken">, at: Path): FieldError[] {
  const secondsAt = at.child("expirationSeconds");
  const errors: FieldError[] = [];
  if (expirationSeconds !== undefined && expirationSeconds < minTokenSeconds) {
    errors.push(field.invalid(secondsAt, expirationSeconds, "may not specify a duration less than 10 minutes"));
  }
  if (expirationSeconds !== undefined && expirationSeconds > maxTokenSeconds) {
    errors.push(field.invalid(secondsAt, expirationSeconds, "may not specify a duration larger than 2^32 seconds"));
  }
  return [...errors, ...(path ? validateFilePath(path, at.child("path")) : [field.required(at.child("path"))])];
}

function bundleErrors({ name, signerName, path }: Projection<"clusterTrustBundle">, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  if (name !== undefined && signerName !== undefined) {
    errors.push(field.invalid(at, "", "only one of name and signerName may be used"));
  }
  if (name === undefined && signerName === undefined) {
    errors.push(field.required(at, "either name or signerName must be specified"));
  }
  return [...errors, ...(path ? validateFilePath(path, at.child("path")) : [field.required(at.child("path"))])];
}

function certificateErrors(projection: Projection<"podCertificate">, at: Path): FieldError[] {
  const { signerName, keyType, credentialBundlePath, keyPath, certificateChainPath } = projection;
  const errors = signerName ? [] : [field.required(at.child("signerName"))];
  if (!keyTypes.includes(keyType ?? "")) errors.push(field.notSupported(at.child("keyType"), keyType, keyTypes));
  const paths = Object.entries({ credentialBundlePath, keyPath, certificateChainPath });
  if (paths.every(([, path]) => !path)) {
    const detail = "specify at least one of credentialBundlePath, keyPath, and certificateChainPath";
    errors.push(field.required(at, detail));
  }
  return [...errors, ...paths.flatMap(([name, path]) => (path ? validateFilePath(path, at.child(name)) : []))];
}

function pathsOf(source: VolumeProjection): string[] {
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle } = source;
  const files = [...(secret?.items ?? []), ...(configMap?.items ?? []), ...(downwardAPI?.items ?? [])];
  return [...files, serviceAccountToken, clusterTrustBundle].flatMap((one) => (one?.path ? [one.path] : []));
}

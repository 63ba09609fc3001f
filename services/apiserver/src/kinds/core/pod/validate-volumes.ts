import type { Volume } from "@tskube/api";
import { configMapKeyErrors, dns1123LabelErrors, type FieldError, field, type Path } from "@tskube/apimachinery";

const modeDetail = "must be a number between 0 and 0777 (octal), both inclusive";

/** The names of volumes that mounts may refer to, and what is wrong with the volumes. */
export function validateVolumes(
  volumes: readonly Volume[],
  at: Path,
): { readonly volumes: ReadonlySet<string>; readonly errors: FieldError[] } {
  const names = new Set<string>();
  const errors = volumes.flatMap((volume, index) => {
    const path = at.index(index);
    const found = [...validateName(volume.name, names, path.child("name")), ...validateSource(volume, path)];
    names.add(volume.name);
    return found;
  });
  return { volumes: names, errors };
}

function validateName(name: string, seen: ReadonlySet<string>, at: Path): FieldError[] {
  if (!name) return [field.required(at)];
  const errors = dns1123LabelErrors(name).map((message) => field.invalid(at, name, message));
  if (seen.has(name)) errors.push(field.duplicate(at, name));
  return errors;
}

function validateSource(volume: Volume, at: Path): FieldError[] {
  const sources = Object.entries(volume).filter(([name, value]) => name !== "name" && value !== undefined);
  if (sources.length === 0) return [field.required(at, "must specify a volume type")];
  const [, ...others] = sources;
  const errors = others.map(([name]) => field.forbidden(at.child(name), "may not specify more than 1 volume type"));
  return [...errors, ...validateKnownSource(volume, at)];
}

function validateKnownSource(volume: Volume, at: Path): FieldError[] {
  const { hostPath, configMap, secret, persistentVolumeClaim: claim, nfs, emptyDir } = volume;
  const errors: FieldError[] = [];
  if (hostPath && !hostPath.path) errors.push(field.required(at.child("hostPath", "path")));
  if (hostPath?.path.split("/").includes("..")) {
    errors.push(field.invalid(at.child("hostPath", "path"), hostPath.path, "must not contain '..'"));
  }
  if (configMap && !configMap.name) errors.push(field.required(at.child("configMap", "name")));
  if (configMap) errors.push(...validateItems(configMap, at.child("configMap")));
  if (secret && !secret.secretName) errors.push(field.required(at.child("secret", "secretName")));
  if (secret) errors.push(...validateItems(secret, at.child("secret")));
  if (claim && !claim.claimName) errors.push(field.required(at.child("persistentVolumeClaim", "claimName")));
  if (nfs && !nfs.server) errors.push(field.required(at.child("nfs", "server")));
  if (nfs && !nfs.path.startsWith("/")) {
    errors.push(field.invalid(at.child("nfs", "path"), nfs.path, "must be an absolute path"));
  }
  if (emptyDir?.sizeLimit?.startsWith("-")) {
    errors.push(
      field.forbidden(at.child("emptyDir", "sizeLimit"), "SizeLimit field must be a valid resource quantity"),
    );
  }
  return errors;
}

interface WithItems {
  readonly defaultMode?: number | undefined;
  readonly items?:
    | readonly { readonly key: string; readonly path: string; readonly mode?: number | undefined }[]
    | undefined;
}

function validateItems({ defaultMode, items = [] }: WithItems, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  if (!isMode(defaultMode)) errors.push(field.invalid(at.child("defaultMode"), defaultMode, modeDetail));
  for (const [index, item] of items.entries()) {
    const path = at.child("items").index(index);
    if (!item.key) errors.push(field.required(path.child("key")));
    else
      errors.push(
        ...configMapKeyErrors(item.key).map((message) => field.invalid(path.child("key"), item.key, message)),
      );
    errors.push(...validateLocalPath(item.path, path.child("path")));
    if (!isMode(item.mode)) errors.push(field.invalid(path.child("mode"), item.mode, modeDetail));
  }
  return errors;
}

function isMode(mode: number | undefined): boolean {
  return mode === undefined || (mode >= 0 && mode <= 0o777);
}

/** A path that stays where it is put. */
export function validateLocalPath(path: string, at: Path): FieldError[] {
  if (!path) return [field.required(at)];
  if (path.startsWith("/")) return [field.invalid(at, path, "must be a relative path")];
  if (path.split("/").includes("..")) return [field.invalid(at, path, "must not contain '..'")];
  return [];
}

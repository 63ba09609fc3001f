import type { Volume } from "@tskube/api";
import { dns1123LabelErrors, type FieldError, field, type Path } from "@tskube/apimachinery";
import { optionalName } from "../../field-rules.ts";
import { validateVolumeSource } from "./volume-sources.ts";

/** The volumes that are right in themselves, which alone mounts may refer to, and what is wrong with the others. */
export function validateVolumes(
  volumes: readonly Volume[],
  at: Path,
): { readonly volumes: ReadonlyMap<string, Volume>; readonly errors: FieldError[] } {
  const known = new Map<string, Volume>();
  const errors = volumes.flatMap((volume, index) => {
    const found = [...validateSource(volume, at.index(index)), ...nameErrors(volume, known, at.index(index))];
    if (found.length === 0) known.set(volume.name, volume);
    return found;
  });
  return { volumes: known, errors };
}

function nameErrors({ name }: Volume, known: ReadonlyMap<string, Volume>, at: Path): FieldError[] {
  const path = at.child("name");
  if (!name) return [field.required(path)];
  const errors = optionalName(name, dns1123LabelErrors, path);
  return errors.length === 0 && known.has(name) ? [field.duplicate(path, name)] : errors;
}

function validateSource({ name: _, ...sources }: Volume, at: Path): FieldError[] {
  const [first, ...others] = Object.entries(sources).filter(([, value]) => value !== undefined);
  if (!first) return [field.required(at, "must specify a volume type")];
  return [
    ...validateVolumeSource(first[0], sources, at.child(first[0])),
    ...others.map(([name]) => field.forbidden(at.child(name), "may not specify more than 1 volume type")),
  ];
}

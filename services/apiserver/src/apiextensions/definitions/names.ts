import type { apiextensionsV1 } from "@tskube/api";
import type { NewCondition } from "./conditions.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;
type Names = apiextensionsV1.CustomResourceDefinitionNames;

/** Which of the names asked for a definition may have, and what is to be said of that. */
export interface NameDecision {
  readonly accepted: Names;
  readonly namesAccepted: NewCondition;
}

/** Another definition, as far as names are concerned. */
export interface Rival {
  readonly name: string;
  readonly group: string;
  readonly accepted: Names | undefined;
}

export function rivalOf({ metadata, spec, status }: Definition): Rival {
  return { name: metadata.name, group: spec.group, accepted: status?.acceptedNames };
}

/** Names that others of the group have are not given twice; a name once accepted is kept until a free one is asked for. */
export function decideNames(definition: Definition, others: Iterable<Rival>): NameDecision {
  const { group, names: wanted } = definition.spec;
  const held = definition.status?.acceptedNames;
  const rivals = [...others]
    .filter((other) => other.group === group && other.name !== definition.metadata.name)
    .flatMap(({ accepted }) => accepted ?? []);
  const resources = new Set(rivals.flatMap((names) => [names.plural, names.singular, ...(names.shortNames ?? [])]));
  const kinds = new Set(rivals.flatMap((names) => [names.kind, names.listKind]));
  let conflict: { reason: string; message: string } | undefined;
  const isFree = (taken: ReadonlySet<string | undefined>, name: string, reason: string) => {
    if (name === "" || !taken.has(name)) return true;
    conflict = { reason, message: `"${name}" is already in use` };
    return false;
  };
  const shortNames = (wanted.shortNames ?? []).filter((name) => !resources.has(name));
  const takenShort = (wanted.shortNames ?? []).filter((name) => resources.has(name));
  const accepted: Names = {
    plural: isFree(resources, wanted.plural, "PluralConflict") ? wanted.plural : (held?.plural ?? ""),
    singular: isFree(resources, wanted.singular ?? "", "SingularConflict") ? wanted.singular : held?.singular,
    ...(takenShort.length === 0
      ? wanted.shortNames && { shortNames }
      : held?.shortNames && { shortNames: held.shortNames }),
    kind: isFree(kinds, wanted.kind, "KindConflict") ? wanted.kind : (held?.kind ?? ""),
    listKind: isFree(kinds, wanted.listKind ?? "", "ListKindConflict") ? wanted.listKind : held?.listKind,
    ...(wanted.categories && { categories: wanted.categories }),
  };
  if (takenShort.length > 0) {
    conflict ??= { reason: "ShortNamesConflict", message: `"${takenShort[0]}" is already in use` };
  }
  return {
    accepted,
    namesAccepted: conflict
      ? { type: "NamesAccepted", status: "False", ...conflict }
      : { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" },
  };
}

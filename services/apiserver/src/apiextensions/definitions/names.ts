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
  const conflicts: { reason: string; message: string }[] = [];
  const isFree = (taken: ReadonlySet<string | undefined>, names: readonly string[], reason: string) => {
    const inUse = new Set(names.filter((name) => name !== "" && taken.has(name)));
    const messages = [...inUse].map((name) => `"${name}" is already in use`);
    if (messages.length > 0) {
      conflicts.push({ reason, message: messages.length === 1 ? `${messages[0]}` : `[${messages.join(", ")}]` });
    }
    return messages.length === 0;
  };
  const { plural, singular = "", kind, listKind = "" } = wanted;
  const accepted: Names = {
    plural: isFree(resources, [plural], "PluralConflict") ? plural : (held?.plural ?? ""),
    singular: isFree(resources, [singular], "SingularConflict") ? wanted.singular : held?.singular,
    shortNames: isFree(resources, wanted.shortNames ?? [], "ShortNamesConflict") ? wanted.shortNames : held?.shortNames,
    kind: isFree(kinds, [kind], "KindConflict") ? kind : (held?.kind ?? ""),
    listKind: isFree(kinds, [listKind], "ListKindConflict") ? wanted.listKind : held?.listKind,
    categories: wanted.categories,
  };
  const conflict = conflicts.at(-1);
  return {
    accepted,
    namesAccepted: conflict
      ? { type: "NamesAccepted", status: "False", ...conflict }
      : { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" },
  };
}

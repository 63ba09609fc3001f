/** The API facts as they come: one file per group and version, types in the vocabulary of Go. */

export interface FieldFacts {
  go: string;
  type: string;
  json?: string;
  proto?: number;
  inline?: boolean;
  omitempty?: boolean;
  omitzero?: boolean;
  optional?: boolean;
  required?: boolean;
  default?: string;
  patchStrategy?: string;
  patchMergeKey?: string;
  listType?: string;
  listMapKeys?: string[];
  mapType?: string;
  structType?: string;
  minimum?: string;
  maximum?: string;
  maxItems?: string;
  maxLength?: string;
  format?: string;
}

export interface TypeFacts {
  alias?: string;
  enum?: boolean;
  fields?: FieldFacts[];
  structType?: string;
}

export interface GroupFacts {
  group: string;
  version: string;
  types: Record<string, TypeFacts>;
  enums: Record<string, string[]>;
  proto: Record<string, [name: string, number: number, type: string, repeated?: string][]>;
}

/** Answers which group a Go name written in some group's file means. */
export class FactsIndex {
  readonly #byName = new Map<string, GroupFacts>();

  constructor(groups: readonly GroupFacts[]) {
    for (const group of groups) this.#byName.set(groupVersionName(group), group);
  }

  group(groupVersion: string): GroupFacts {
    const facts = this.#byName.get(groupVersion);
    if (facts === undefined) throw new Error(`no facts of ${groupVersion}`);
    return facts;
  }

  type(groupVersion: string, name: string): TypeFacts | undefined {
    const facts = this.#byName.get(groupVersion);
    // A message without fields appears only among the protobuf messages.
    return facts?.types[name] ?? (facts?.proto[name]?.length === 0 ? { fields: [] } : undefined);
  }

  /** Resolves a bare name (the file's own, or one its group's v1 declares), `metav1.Time`  or `v1.PodSpec` to the group version that declares it and its name there. */
  resolve(from: GroupFacts, goName: string): { groupVersion: string; name: string } {
    const dot = goName.indexOf(".");
    const name = goName.slice(dot + 1);
    const candidates =
      dot < 0 ? [groupVersionName(from), `${from.group}/v1`] : candidateGroups(from, goName.slice(0, dot));
    const groupVersion = candidates.find((candidate) => this.type(candidate, name) !== undefined);
    if (groupVersion === undefined) throw new Error(`${groupVersionName(from)}: cannot resolve ${goName}`);
    return { groupVersion, name };
  }
}

/** Where a name under an import's alias may be declared. */
function candidateGroups(from: GroupFacts, alias: string): string[] {
  if (alias === "metav1") return ["meta/v1"];
  if (alias === "corev1" || alias === "apiv1") return ["core/v1"];
  if (alias === "authenticationv1") return ["authentication.k8s.io/v1"];
  if (alias === "v1") return ["core/v1", "meta/v1", `${from.group}/v1`];
  return [];
}

/** `core/v1`, `meta/v1`, `apps/v1`, `networking.k8s.io/v1`. */
export function groupVersionName({ group, version }: { group: string; version: string }): string {
  const names: Record<string, string> = { "": "core", "meta.k8s.io": "meta" };
  return `${names[group] ?? group}/${version}`;
}

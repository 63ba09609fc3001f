import type { KubeObject, Namespace } from "@tskube/api";
import {
  type GroupVersionResource,
  type LabelSelector,
  type LabelSelectorLike,
  labelSelectorAsSelector,
} from "@tskube/apimachinery";
import type { LocalObjects } from "../../registry/objects.ts";
import type { AdmissionAttributes } from "../plugin.ts";
import type { FindVersions, ServedVersion } from "../served-version.ts";
import { type Rule, ruleMatches } from "./rules.ts";

type NamedRule = Rule & { readonly resourceNames?: readonly string[] | undefined };

export interface MatchConstraints {
  readonly namespaceSelector?: object | undefined;
  /** Both selectors are `LabelSelector`s; absent ones match everything. */
  readonly objectSelector?: object | undefined;
  readonly rules: readonly NamedRule[];
  readonly excluded?: readonly NamedRule[];
  readonly matchPolicy?: string | undefined;
}

export interface MatchDeps {
  readonly objects: LocalObjects;
  readonly findVersions: FindVersions;
}

/** The version in which a write is to be shown, or undefined when it is none of the matcher's business. */
export type Matcher = (attributes: AdmissionAttributes) => Promise<ServedVersion | undefined>;

/** Compiles `constraints`. A selector that is none is told by every write that it should decide about. */
export function createMatcher(constraints: MatchConstraints, deps: MatchDeps): Matcher {
  const { rules, excluded = [], matchPolicy = "Equivalent" } = constraints;
  const namespaceSelector = lazily(() =>
    labelSelectorAsSelector((constraints.namespaceSelector ?? {}) as LabelSelectorLike),
  );
  const objectSelector = lazily(() => labelSelectorAsSelector((constraints.objectSelector ?? {}) as LabelSelectorLike));
  return async (attributes) => {
    const versions = versionsOf(attributes, deps.findVersions);
    const candidates = matchPolicy === "Exact" ? versions.slice(0, 1) : versions;
    const matches = (list: readonly NamedRule[], version: GroupVersionResource) =>
      list.some((rule) => isNamed(rule, attributes.name) && ruleMatches(rule, attributes, version));
    const found = candidates.find((version) => matches(rules, version));
    if (!found || candidates.some((version) => matches(excluded, version))) return undefined;
    if (!labelsMatch(objectSelector(), attributes)) return undefined;
    return (await namespaceMatches(namespaceSelector(), attributes, deps.objects)) ? found : undefined;
  };
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function isNamed({ resourceNames }: NamedRule, name: string): boolean {
  return !resourceNames?.length || resourceNames.includes(name);
}

/** The version that was requested comes first. A subresource with a kind of its own has just the version that it came in. */
function versionsOf(attributes: AdmissionAttributes, findVersions: FindVersions): readonly ServedVersion[] {
  const { resource, kind, requested } = attributes;
  const versions = findVersions(attributes);
  const isRequested = (one: GroupVersionResource) => one.group === requested.group && one.version === requested.version;
  if (versions.some((one) => one.kind === kind)) {
    return [...versions.filter(isRequested), ...versions.filter((one) => !isRequested(one))];
  }
  const same = (object: KubeObject) => object;
  const read = (value: unknown) => value as KubeObject;
  return [{ ...requested, resource, kind, isSubresourceKind: true, show: same, restore: same, read }];
}

function labelsMatch(selector: LabelSelector, { object, oldObject }: AdmissionAttributes): boolean {
  if (selector.isEmpty) return true;
  return [object, oldObject].some((one) => one !== undefined && selector.matches(one.metadata?.labels));
}

async function namespaceMatches(
  selector: LabelSelector,
  attributes: AdmissionAttributes,
  objects: LocalObjects,
): Promise<boolean> {
  if (selector.isEmpty) return true;
  const namespace = await namespaceOf(attributes, objects);
  return namespace === undefined || selector.matches(namespace.metadata.labels);
}

/** The namespace that a write is in; of a write to a namespace, itself. Undefined in cluster scope. */
export async function namespaceOf(
  attributes: AdmissionAttributes,
  objects: LocalObjects,
): Promise<Namespace | undefined> {
  const { group, resource, namespace, object, oldObject } = attributes;
  if (group === "" && resource === "namespaces") {
    return (object?.kind === "Namespace" ? object : oldObject) as Namespace | undefined;
  }
  if (namespace === "") return undefined;
  const namespaces = { group: "", resource: "namespaces" };
  const known = objects.reader<Namespace>(namespaces).get("", namespace);
  return known ?? (await objects.get<Namespace>(namespaces, "", namespace));
}

/** The namespace that expressions see: that of what is written, which a namespace itself has none of. */
export async function namespaceObjectOf(
  attributes: AdmissionAttributes,
  objects: LocalObjects,
): Promise<Namespace | undefined> {
  const { group, resource } = attributes;
  return group === "" && resource === "namespaces" ? undefined : namespaceOf(attributes, objects);
}

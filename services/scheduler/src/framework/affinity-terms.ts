import type { LabelSelector as ApiLabelSelector, Pod, PodAffinityTerm } from "@tskube/api";
import { type LabelSelector, labelSelectorAsSelector, nothing } from "@tskube/apimachinery";

/** A pod (anti-)affinity term, compiled once per pod. */
export interface AffinityTerm {
  readonly topologyKey: string;
  readonly selector: LabelSelector;
  readonly namespaces: ReadonlySet<string>;
  /** Selects further namespaces by their labels; matches none when the term has no namespace selector. */
  readonly namespaceSelector: LabelSelector;
}

export interface WeightedAffinityTerm {
  readonly term: AffinityTerm;
  readonly weight: number;
}

export interface AffinityTerms {
  readonly required: readonly AffinityTerm[];
  readonly requiredAnti: readonly AffinityTerm[];
  readonly preferred: readonly WeightedAffinityTerm[];
  readonly preferredAnti: readonly WeightedAffinityTerm[];
}

const none: AffinityTerms = { required: [], requiredAnti: [], preferred: [], preferredAnti: [] };

export function affinityTermsOf(pod: Pod): AffinityTerms {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  if (!podAffinity && !podAntiAffinity) return none;
  const compile = (term: PodAffinityTerm) => compileTerm(term, pod.metadata.namespace ?? "");
  return {
    required: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(compile),
    requiredAnti: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(compile),
    preferred: (podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((one) => ({
      term: compile(one.podAffinityTerm),
      weight: one.weight,
    })),
    preferredAnti: (podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((one) => ({
      term: compile(one.podAffinityTerm),
      weight: one.weight,
    })),
  };
}

function compileTerm(term: PodAffinityTerm, ownNamespace: string): AffinityTerm {
  const isOwnOnly = !term.namespaces?.length && !term.namespaceSelector;
  return {
    topologyKey: term.topologyKey,
    selector: selectorOrNothing(term.labelSelector),
    namespaces: new Set(isOwnOnly ? [ownNamespace] : (term.namespaces ?? [])),
    namespaceSelector: selectorOrNothing(term.namespaceSelector),
  };
}

/** The server has refused selectors that cannot be read; one that got here all the same matches nothing. */
export function selectorOrNothing(selector: ApiLabelSelector | undefined): LabelSelector {
  try {
    return labelSelectorAsSelector(selector);
  } catch {
    return nothing;
  }
}

export type NamespaceLabels = (namespace: string) => Readonly<Record<string, string>> | undefined;

/** Whether `pod` is one of those the term speaks of. */
export function termMatches(term: AffinityTerm, pod: Pod, namespaceLabels: NamespaceLabels): boolean {
  const namespace = pod.metadata.namespace ?? "";
  if (!term.namespaces.has(namespace) && !selectsNamespace(term, namespace, namespaceLabels)) return false;
  return term.selector.matches(pod.metadata.labels);
}

function selectsNamespace(term: AffinityTerm, namespace: string, namespaceLabels: NamespaceLabels): boolean {
  if (term.namespaceSelector.isNothing) return false;
  return term.namespaceSelector.isEmpty || term.namespaceSelector.matches(namespaceLabels(namespace));
}

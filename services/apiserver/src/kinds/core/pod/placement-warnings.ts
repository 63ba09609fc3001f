import type { NodeSelectorTerm, PodAffinityTerm, PodSpec } from "@tskube/api";
import type { Path } from "@tskube/apimachinery";

const required = "requiredDuringSchedulingIgnoredDuringExecution";
const preferred = "preferredDuringSchedulingIgnoredDuringExecution";
const matchesNone = "a null labelSelector results in matching no pod";

const deprecatedNodeLabels: Readonly<Record<string, string>> = {
  "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
  "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

/** Labels of nodes that have other names now, and selectors that select nothing. */
export function placementWarnings(spec: PodSpec, at: Path): string[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const affinityAt = at.child("affinity");
  const nodeAt = affinityAt.child("nodeAffinity");
  return [
    ...Object.keys(spec.nodeSelector ?? {}).flatMap((key) => labelWarning(key, at.child("nodeSelector").key(key))),
    ...(nodeAffinity?.[required]?.nodeSelectorTerms ?? []).flatMap((term, index) =>
      termWarnings(term, nodeAt.child(required, "nodeSelectorTerms").index(index)),
    ),
    ...(nodeAffinity?.[preferred] ?? []).flatMap(({ preference }, index) =>
      termWarnings(preference, nodeAt.child(preferred).index(index).child("preference")),
    ),
    ...(spec.topologySpreadConstraints ?? []).flatMap(({ topologyKey, labelSelector }, index) => {
      const path = at.child("topologySpreadConstraints").index(index);
      return [
        ...labelWarning(topologyKey, path.child("topologyKey"), topologyKey),
        ...selectorWarning(labelSelector, path),
      ];
    }),
    ...podTermWarnings(podAffinity, affinityAt.child("podAffinity")),
    ...podTermWarnings(podAntiAffinity, affinityAt.child("podAntiAffinity")),
  ];
}

function labelWarning(key: string, at: Path, shown?: string): string[] {
  const detail = Object.hasOwn(deprecatedNodeLabels, key) ? deprecatedNodeLabels[key] : undefined;
  if (detail === undefined) return [];
  return [shown === undefined ? `${at}: ${detail}` : `${at}: ${shown} is ${detail}`];
}

function termWarnings({ matchExpressions = [] }: NodeSelectorTerm, at: Path): string[] {
  return matchExpressions.flatMap(({ key }, index) =>
    labelWarning(key, at.child("matchExpressions").index(index).child("key"), key),
  );
}

function selectorWarning(selector: unknown, at: Path): string[] {
  return selector === undefined ? [`${at.child("labelSelector")}: ${matchesNone}`] : [];
}

interface PodTerms {
  readonly [required]?: readonly PodAffinityTerm[] | undefined;
  readonly [preferred]?: readonly { readonly podAffinityTerm: PodAffinityTerm }[] | undefined;
}

function podTermWarnings(terms: PodTerms | undefined, at: Path): string[] {
  return [
    ...(terms?.[required] ?? []).flatMap(({ labelSelector }, index) =>
      selectorWarning(labelSelector, at.child(required).index(index)),
    ),
    ...(terms?.[preferred] ?? []).flatMap(({ podAffinityTerm }, index) =>
      selectorWarning(podAffinityTerm.labelSelector, at.child(preferred).index(index).child("podAffinityTerm")),
    ),
  ];
}

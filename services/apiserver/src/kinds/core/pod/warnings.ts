import type { Pod } from "@tskube/api";

const deprecatedNodeLabels: Readonly<Record<string, string>> = {
  "beta.kubernetes.io/arch": "kubernetes.io/arch",
  "beta.kubernetes.io/os": "kubernetes.io/os",
  "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
  "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
};

/** What is allowed in a pod and probably not meant. */
export function podWarnings({ spec }: Pod): string[] {
  const warnings: string[] = [];
  for (const key of Object.keys(spec.nodeSelector ?? {})) {
    const instead = Object.hasOwn(deprecatedNodeLabels, key) ? deprecatedNodeLabels[key] : undefined;
    if (instead) warnings.push(`spec.nodeSelector[${key}]: deprecated since v1.14; use "${instead}" instead`);
  }
  for (const [index, container] of spec.containers.entries()) {
    const seen = new Set<string>();
    for (const [at, { name }] of (container.env ?? []).entries()) {
      if (seen.has(name)) {
        warnings.push(
          `spec.containers[${index}].env[${at}]: hides previous definition of "${name}", which may be dropped when using apply`,
        );
      }
      seen.add(name);
    }
  }
  return warnings;
}

import type { PersistentVolumeClaim, Pod, PodTemplateSpec, StatefulSet, Volume } from "@tskube/api";
import type { Draft } from "@tskube/client";
import { controllerReference } from "../../objects/meta.ts";
import { podFromTemplate } from "../../pods/pod-control.ts";

export const revisionLabel = "controller-revision-hash";
const podNameLabel = "statefulset.kubernetes.io/pod-name";
const podIndexLabel = "apps.kubernetes.io/pod-index";

export function podNameOf(set: StatefulSet, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`;
}

/** The number at the end of a member's name; nothing for a pod that is called otherwise. */
export function ordinalOf(set: StatefulSet, pod: Pod): number | undefined {
  const { name } = pod.metadata;
  const prefix = `${set.metadata.name}-`;
  const rest = name.slice(prefix.length);
  return name.startsWith(prefix) && /^(0|[1-9]\d*)$/.test(rest) ? Number(rest) : undefined;
}

/** The pod with this number, as a revision's template has it. */
export function memberPod(set: StatefulSet, ordinal: number, template: PodTemplateSpec, revision: string): Draft<Pod> {
  const { generateName: _, ...metadata } = podFromTemplate(template, set, controllerReference(set)).metadata;
  const name = podNameOf(set, ordinal);
  const spec = template.spec ?? { containers: [] };
  return {
    metadata: {
      ...metadata,
      name,
      labels: {
        ...metadata.labels,
        [podNameLabel]: name,
        [podIndexLabel]: String(ordinal),
        [revisionLabel]: revision,
      },
    },
    spec: {
      ...spec,
      hostname: name,
      subdomain: set.spec.serviceName ?? "",
      volumes: volumesOf(set, ordinal, spec.volumes),
    },
  };
}

/** The template's volumes, with those that the set claims in the place of others by the same name. */
function volumesOf(set: StatefulSet, ordinal: number, volumes: readonly Volume[] = []): Volume[] {
  const claimed: Volume[] = claimTemplates(set).map((template) => ({
    name: template.metadata.name,
    persistentVolumeClaim: { claimName: claimNameOf(set, ordinal, template) },
  }));
  const names = new Set(claimed.map(({ name }) => name));
  return [...claimed, ...volumes.filter(({ name }) => !names.has(name))];
}

export function claimTemplates({ spec }: StatefulSet): readonly PersistentVolumeClaim[] {
  return spec.volumeClaimTemplates ?? [];
}

export function claimNameOf(set: StatefulSet, ordinal: number, template: PersistentVolumeClaim): string {
  return `${template.metadata.name}-${podNameOf(set, ordinal)}`;
}

/** The claims of the pod with this number; without owners, for those follow the retention policy. */
export function claimsOf(set: StatefulSet, ordinal: number): Draft<PersistentVolumeClaim>[] {
  return claimTemplates(set).map((template) => ({
    metadata: {
      name: claimNameOf(set, ordinal, template),
      namespace: set.metadata.namespace,
      labels: { ...template.metadata.labels, ...set.spec.selector?.matchLabels },
      ...(template.metadata.annotations && { annotations: template.metadata.annotations }),
    },
    spec: template.spec,
  }));
}

/** Whether the pod has its place in the service and its volumes: what templates of people cannot give wrongly, but patches can. */
export function hasIdentity(set: StatefulSet, ordinal: number, { metadata }: Pod): boolean {
  return (
    metadata.labels?.[podNameLabel] === podNameOf(set, ordinal) && metadata.labels?.[podIndexLabel] === String(ordinal)
  );
}

export function identityLabels(set: StatefulSet, ordinal: number): Record<string, string> {
  return { [podNameLabel]: podNameOf(set, ordinal), [podIndexLabel]: String(ordinal) };
}

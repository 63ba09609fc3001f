import type { Pod, PodSpec, Volume } from "@tskube/api";

/** What a pod's node may read on its behalf, as `resource:namespace/name` keys. */
export type ReferenceKey = string;

export function referenceKey(resource: string, namespace: string, name: string): ReferenceKey {
  return `${resource}:${namespace}/${name}`;
}

/** Everything a pod refers to. Mirror pods refer to nothing: a node could otherwise write itself access to any secret. */
export function podReferences(pod: Pod): ReadonlySet<ReferenceKey> {
  const keys = new Set<ReferenceKey>();
  if (pod.metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined) return keys;
  const namespace = pod.metadata.namespace ?? "";
  const add = (resource: string, name: string | undefined) => {
    if (name) keys.add(referenceKey(resource, namespace, name));
  };
  const spec = pod.spec;
  if (!spec) return keys;
  add("serviceaccounts", spec.serviceAccountName);
  for (const reference of spec.imagePullSecrets ?? []) add("secrets", reference.name);
  addEnvironment(spec, add);
  for (const volume of spec.volumes ?? []) addVolume(volume, pod.metadata.name ?? "", add);
  for (const claim of spec.resourceClaims ?? []) add("resourceclaims", claim.resourceClaimName);
  for (const claim of pod.status?.resourceClaimStatuses ?? []) add("resourceclaims", claim.resourceClaimName);
  return keys;
}

type Add = (resource: string, name: string | undefined) => void;

function addEnvironment(spec: PodSpec, add: Add): void {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
  for (const container of containers) {
    for (const source of container.envFrom ?? []) {
      add("configmaps", source.configMapRef?.name);
      add("secrets", source.secretRef?.name);
    }
    for (const variable of container.env ?? []) {
      add("configmaps", variable.valueFrom?.configMapKeyRef?.name);
      add("secrets", variable.valueFrom?.secretKeyRef?.name);
    }
  }
}

function addVolume(volume: Volume, podName: string, add: Add): void {
  add("configmaps", volume.configMap?.name);
  add("secrets", volume.secret?.secretName);
  add("persistentvolumeclaims", volume.persistentVolumeClaim?.claimName);
  if (volume.ephemeral) add("persistentvolumeclaims", `${podName}-${volume.name}`);
  for (const source of volume.projected?.sources ?? []) {
    add("configmaps", source.configMap?.name);
    add("secrets", source.secret?.name);
  }
  const driver =
    volume.azureFile?.secretName ??
    volume.cephfs?.secretRef?.name ??
    volume.cinder?.secretRef?.name ??
    volume.csi?.nodePublishSecretRef?.name ??
    volume.flexVolume?.secretRef?.name ??
    volume.iscsi?.secretRef?.name ??
    volume.rbd?.secretRef?.name ??
    volume.scaleIO?.secretRef?.name ??
    volume.storageos?.secretRef?.name;
  add("secrets", driver);
}

import type { PersistentVolume, Pod } from "@tskube/api";
import { podReferences, type ReferenceKey, referenceKey } from "./pod-references.ts";

interface KnownPod {
  readonly nodeName: string;
  readonly references: ReadonlySet<ReferenceKey>;
}

interface KnownVolume {
  readonly claim: ReferenceKey | undefined;
  readonly secrets: readonly ReferenceKey[];
}

/**
 * Which objects each node's pods reach: pod → secret, config map, claim, service account; claim → volume → the volume's secrets.
 *
 * A node's counter of a key is the number of its pods that refer to it, so that a pod's leaving costs as little as its coming. Volumes are
 * resolved when asked about, from the claim they are bound to.
 */
export class NodeGraph {
  readonly #pods = new Map<string, KnownPod>();
  readonly #counters = new Map<string, Map<ReferenceKey, number>>();
  readonly #volumes = new Map<string, KnownVolume>();
  /** Claims of the volumes that use a secret, by the secret and the volume. */
  readonly #volumesOfSecret = new Map<ReferenceKey, Set<string>>();

  setPod(pod: Pod): void {
    const key = podKey(pod);
    const known = this.#pods.get(key);
    const nodeName = pod.spec?.nodeName ?? "";
    if (!nodeName) {
      this.removePod(pod);
      return;
    }
    const references = podReferences(pod);
    if (known && known.nodeName === nodeName && sameSet(known.references, references)) return;
    if (known) this.#count(known, -1);
    const next = { nodeName, references };
    this.#count(next, 1);
    this.#pods.set(key, next);
  }

  removePod(pod: Pod): void {
    const key = podKey(pod);
    const known = this.#pods.get(key);
    if (!known) return;
    this.#count(known, -1);
    this.#pods.delete(key);
  }

  setVolume(volume: PersistentVolume): void {
    this.removeVolume(volume);
    const name = volume.metadata.name ?? "";
    const secrets = volumeSecrets(volume);
    const claim = volume.spec?.claimRef;
    this.#volumes.set(name, {
      claim: claim?.name ? referenceKey("persistentvolumeclaims", claim.namespace ?? "", claim.name) : undefined,
      secrets,
    });
    for (const secret of secrets) {
      const users = this.#volumesOfSecret.get(secret) ?? new Set();
      this.#volumesOfSecret.set(secret, users.add(name));
    }
  }

  removeVolume(volume: PersistentVolume): void {
    const name = volume.metadata.name ?? "";
    for (const secret of this.#volumes.get(name)?.secrets ?? []) {
      const users = this.#volumesOfSecret.get(secret);
      users?.delete(name);
      if (users?.size === 0) this.#volumesOfSecret.delete(secret);
    }
    this.#volumes.delete(name);
  }

  hasPod(nodeName: string, namespace: string, name: string): boolean {
    return this.#pods.get(`${namespace}/${name}`)?.nodeName === nodeName;
  }

  /** Whether one of the node's pods refers to the object, directly or through a volume. */
  reaches(nodeName: string, resource: string, namespace: string, name: string): boolean {
    const counter = this.#counters.get(nodeName);
    if (!counter) return false;
    if (resource === "persistentvolumes") return this.#reachesVolume(counter, name);
    const key = referenceKey(resource, namespace, name);
    if (counter.has(key)) return true;
    for (const volume of this.#volumesOfSecret.get(key) ?? []) {
      if (this.#reachesVolume(counter, volume)) return true;
    }
    return false;
  }

  #reachesVolume(counter: ReadonlyMap<ReferenceKey, number>, name: string): boolean {
    const claim = this.#volumes.get(name)?.claim;
    return claim !== undefined && counter.has(claim);
  }

  #count(pod: KnownPod, by: 1 | -1): void {
    let counter = this.#counters.get(pod.nodeName);
    if (!counter) {
      counter = new Map();
      this.#counters.set(pod.nodeName, counter);
    }
    for (const key of pod.references) {
      const count = (counter.get(key) ?? 0) + by;
      if (count > 0) counter.set(key, count);
      else counter.delete(key);
    }
    if (counter.size === 0) this.#counters.delete(pod.nodeName);
  }
}

function podKey(pod: Pod): string {
  return `${pod.metadata.namespace ?? ""}/${pod.metadata.name ?? ""}`;
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.size !== b.size) return false;
  for (const item of a) if (!b.has(item)) return false;
  return true;
}

/** Secrets the kubelet needs to mount the volume; those without a namespace stand in the claim's. */
function volumeSecrets(volume: PersistentVolume): ReferenceKey[] {
  const spec = volume.spec;
  const claimNamespace = spec?.claimRef?.namespace ?? "";
  const file = spec?.azureFile;
  const references = [
    file && { name: file.secretName, namespace: file.secretNamespace },
    spec?.csi?.nodePublishSecretRef,
    spec?.csi?.nodeStageSecretRef,
    spec?.csi?.nodeExpandSecretRef,
    spec?.csi?.controllerPublishSecretRef,
    spec?.cephfs?.secretRef,
    spec?.cinder?.secretRef,
    spec?.flexVolume?.secretRef,
    spec?.iscsi?.secretRef,
    spec?.rbd?.secretRef,
    spec?.scaleIO?.secretRef,
    spec?.storageos?.secretRef,
  ];
  return references.flatMap((reference) =>
    reference?.name ? [referenceKey("secrets", reference.namespace || claimNamespace, reference.name)] : [],
  );
}

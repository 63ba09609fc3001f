import type { Container, PodSandbox, RuntimeService } from "@tskube/cri";
import { isNotFound } from "@tskube/cri";
import { containerDigest, runState, sandboxDigest, toRuntimeContainer, toRuntimeSandbox } from "./convert.ts";
import { emptyRuntimePod, type RuntimeContainer, type RuntimePod, type RuntimeSandbox } from "./model.ts";
import { podNameLabel, podNamespaceLabel, podUidLabel } from "./names.ts";
import { terminationMessage } from "./termination-message.ts";

/** A container's or sandbox's details with the digest of the listing they were read at. */
interface Detail<T> {
  readonly digest: string;
  readonly value: T;
}

/**
 * What the runtime runs, by pod. A listing costs two calls however many pods there are; details are asked for only where the listing
 * shows a change. Whoever changes a pod refreshes it; what changes by itself is found by the next listing or told by an event.
 */
export class RuntimeView {
  readonly #runtime: RuntimeService;
  readonly #pods = new Map<string, RuntimePod>();
  readonly #containers = new Map<string, Detail<RuntimeContainer>>();
  readonly #sandboxes = new Map<string, Detail<RuntimeSandbox>>();
  /** Counts reads, so that a slow one does not overwrite what a later one found. */
  #reads = 0;
  readonly #readAt = new Map<string, number>();
  readonly #stale = new Set<string>();

  constructor(runtime: RuntimeService) {
    this.#runtime = runtime;
  }

  get(uid: string): RuntimePod | undefined {
    return this.#pods.get(uid);
  }

  pods(): IterableIterator<RuntimePod> {
    return this.#pods.values();
  }

  /** What runs of a pod: as known, or read anew if that may have changed since. */
  async current(uid: string): Promise<RuntimePod> {
    const known = this.#pods.get(uid);
    return known && !this.#stale.has(uid) ? known : this.refresh(uid);
  }

  /** Notes that something happened to a pod: its next reader looks again. */
  markStale(uid: string): void {
    this.#stale.add(uid);
  }

  /** Reads one pod anew. */
  async refresh(uid: string): Promise<RuntimePod> {
    const read = ++this.#reads;
    this.#stale.delete(uid);
    const labelSelector = { [podUidLabel]: uid };
    const [sandboxes, containers] = await Promise.all([
      this.#runtime.listPodSandbox({ id: "", labelSelector }),
      this.#runtime.listContainers({ id: "", podSandboxId: "", labelSelector }),
    ]);
    return this.#readPod(uid, sandboxes, containers, read);
  }

  /** Reads all pods and returns the uids of those that differ from what was known. */
  async relist(): Promise<string[]> {
    const read = ++this.#reads;
    const [sandboxes, containers] = await Promise.all([this.#runtime.listPodSandbox(), this.#runtime.listContainers()]);
    const byPod = new Map<string, { sandboxes: PodSandbox[]; containers: Container[] }>();
    const group = (labels: Readonly<Record<string, string>>) => {
      const uid = labels[podUidLabel];
      if (!uid) return undefined; // not made by a kubelet
      const found = byPod.get(uid) ?? { sandboxes: [], containers: [] };
      byPod.set(uid, found);
      return found;
    };
    for (const sandbox of sandboxes) group(sandbox.labels)?.sandboxes.push(sandbox);
    for (const container of containers) group(container.labels)?.containers.push(container);

    const changed: string[] = [];
    for (const uid of new Set([...this.#pods.keys(), ...byPod.keys()])) {
      const listed = byPod.get(uid) ?? { sandboxes: [], containers: [] };
      if (!this.#differs(uid, listed.sandboxes, listed.containers)) continue;
      this.#stale.delete(uid);
      await this.#readPod(uid, listed.sandboxes, listed.containers, read);
      changed.push(uid);
    }
    return changed;
  }

  #differs(uid: string, sandboxes: readonly PodSandbox[], containers: readonly Container[]): boolean {
    const known = this.#pods.get(uid);
    if (!known) return sandboxes.length + containers.length > 0;
    if (known.sandboxes.length !== sandboxes.length || known.containers.length !== containers.length) return true;
    return (
      sandboxes.some((sandbox) => this.#sandboxes.get(sandbox.id)?.digest !== sandboxDigest(sandbox)) ||
      containers.some((container) => this.#containers.get(container.id)?.digest !== containerDigest(container))
    );
  }

  async #readPod(
    uid: string,
    sandboxes: readonly PodSandbox[],
    containers: readonly Container[],
    read: number,
  ): Promise<RuntimePod> {
    const labels = sandboxes[0]?.labels ?? containers[0]?.labels ?? {};
    const before =
      this.#pods.get(uid) ?? emptyRuntimePod(uid, labels[podNameLabel] ?? "", labels[podNamespaceLabel] ?? "");
    const [sandboxDetails, containerDetails] = await Promise.all([
      Promise.all(sandboxes.map((sandbox) => this.#sandbox(sandbox))),
      Promise.all(containers.map((container) => this.#container(container))),
    ]);
    const pod: RuntimePod = {
      uid,
      name: before.name,
      namespace: before.namespace,
      sandboxes: present(sandboxDetails).sort((a, b) => b.createdAtMs - a.createdAtMs || b.attempt - a.attempt),
      containers: present(containerDetails).sort(
        (a, b) => b.createdAtMs - a.createdAtMs || b.restartCount - a.restartCount,
      ),
    };
    return this.#keep(pod, before, read);
  }

  #keep(pod: RuntimePod, before: RuntimePod, read: number): RuntimePod {
    const { uid } = pod;
    if ((this.#readAt.get(uid) ?? 0) > read) return this.#pods.get(uid) ?? pod;
    const kept = new Set([...pod.sandboxes, ...pod.containers].map(({ id }) => id));
    for (const { id } of before.sandboxes) if (!kept.has(id)) this.#sandboxes.delete(id);
    for (const { id } of before.containers) if (!kept.has(id)) this.#containers.delete(id);
    if (kept.size === 0) {
      this.#pods.delete(uid);
      this.#readAt.delete(uid);
      this.#stale.delete(uid);
    } else {
      this.#pods.set(uid, pod);
      this.#readAt.set(uid, read);
    }
    return pod;
  }

  async #sandbox(listed: PodSandbox): Promise<RuntimeSandbox | undefined> {
    const digest = sandboxDigest(listed);
    const known = this.#sandboxes.get(listed.id);
    if (known?.digest === digest) return known.value;
    const answer = await orUndefined(this.#runtime.podSandboxStatus(listed.id));
    if (!answer?.status) return undefined;
    const value = toRuntimeSandbox(answer.status);
    this.#sandboxes.set(listed.id, { digest: sandboxDigest({ ...listed, state: answer.status.state }), value });
    return value;
  }

  async #container(listed: Container): Promise<RuntimeContainer | undefined> {
    const digest = containerDigest(listed);
    const known = this.#containers.get(listed.id);
    if (known?.digest === digest) return known.value;
    const answer = await orUndefined(this.#runtime.containerStatus(listed.id));
    if (!answer?.status) return undefined;
    const hasEnded = runState(answer.status.state) === "exited";
    const message = hasEnded ? await terminationMessage(answer.status) : "";
    const value = toRuntimeContainer(listed.podSandboxId, answer.status, message);
    this.#containers.set(listed.id, { digest: containerDigest({ ...listed, state: answer.status.state }), value });
    return value;
  }
}

function present<T>(items: readonly (T | undefined)[]): T[] {
  return items.filter((item) => item !== undefined);
}

/** Between a listing and a closer look things may go. */
async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

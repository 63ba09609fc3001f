import type { PodInfo } from "../framework/pod-info.ts";

const none: readonly PodInfo[] = [];

/** Pods for which room was made on a node and that are not placed yet. */
export class Nominator {
  readonly #byNode = new Map<string, Map<string, PodInfo>>();
  readonly #nodeOf = new Map<string, string>();

  /** Notes `nodeName`, or what the pod's own status names when absent; empty takes the nomination away. */
  set(info: PodInfo, nodeName: string = info.pod.status?.nominatedNodeName ?? ""): void {
    this.delete(info.uid);
    if (nodeName === "") return;
    this.#nodeOf.set(info.uid, nodeName);
    const pods = this.#byNode.get(nodeName);
    if (pods) pods.set(info.uid, info);
    else this.#byNode.set(nodeName, new Map([[info.uid, info]]));
  }

  /** Takes over a changed pod; a nomination that its status does not show yet is kept. */
  update(info: PodInfo): void {
    const named = info.pod.status?.nominatedNodeName;
    this.set(info, named || this.nodeOf(info.uid));
  }

  delete(uid: string): void {
    const nodeName = this.#nodeOf.get(uid);
    if (nodeName === undefined) return;
    this.#nodeOf.delete(uid);
    const pods = this.#byNode.get(nodeName);
    pods?.delete(uid);
    if (pods?.size === 0) this.#byNode.delete(nodeName);
  }

  nodeOf(uid: string): string | undefined {
    return this.#nodeOf.get(uid);
  }

  on(nodeName: string): Iterable<PodInfo> {
    return this.#byNode.get(nodeName)?.values() ?? none;
  }

  get isEmpty(): boolean {
    return this.#nodeOf.size === 0;
  }
}

import type { Node } from "@tskube/api";
import type { Clock } from "@tskube/base";
import { NodeInfo } from "../framework/node-info.ts";
import type { PodInfo } from "../framework/pod-info.ts";
import { CacheSnapshot } from "./cache-snapshot.ts";
import { ImageStates } from "./image-states.ts";

interface PodState {
  info: PodInfo;
  /** Placed by this scheduler and not yet seen so by the server's watch. */
  isAssumed: boolean;
  /** When an assumed pod is given up; absent while its binding still runs or when it never is. */
  deadlineMs: number | undefined;
}

export interface CacheOptions {
  /** How long after its binding a pod is believed without the watch having shown it; 0 (the default, as upstream): for ever. */
  readonly assumedPodTtlMs?: number;
}

/**
 * Nodes and the pods on them, with pods that this scheduler has placed counted before the server shows them.
 * A pod is: unknown → assumed → (seen) added → gone; `forget` takes an assumed one back.
 */
export class SchedulerCache {
  readonly snapshot = new CacheSnapshot();
  readonly #nodes = new Map<string, NodeInfo>();
  readonly #pods = new Map<string, PodState>();
  readonly #assumed = new Set<string>();
  readonly #images = new ImageStates();
  readonly #changed = new Set<string>();
  readonly #clock: Clock;
  readonly #ttlMs: number;

  constructor(clock: Clock, { assumedPodTtlMs = 0 }: CacheOptions = {}) {
    this.#clock = clock;
    this.#ttlMs = assumedPodTtlMs;
  }

  get nodeCount(): number {
    return this.snapshot.nodes.length;
  }

  get podCount(): number {
    return this.#pods.size;
  }

  get assumedCount(): number {
    return this.#assumed.size;
  }

  /** Brings `snapshot` up to date; costs what changed since the last time. */
  refresh(): void {
    this.#expire();
    if (this.#changed.size === 0) return;
    this.snapshot.update(this.#nodes, this.#changed);
    this.#changed.clear();
  }

  isAssumed(uid: string): boolean {
    return this.#assumed.has(uid);
  }

  /** The pod as it is counted, assumed ones included. */
  pod(uid: string): PodInfo | undefined {
    return this.#pods.get(uid)?.info;
  }

  /** Counts a placed pod before it is bound. False when it is counted already. */
  assume(info: PodInfo): boolean {
    if (this.#pods.has(info.uid)) return false;
    this.#put(info, true);
    return true;
  }

  /** The server has taken the binding: the watch will show it. */
  finishBinding(uid: string): void {
    const state = this.#pods.get(uid);
    if (state?.isAssumed && this.#ttlMs > 0) state.deadlineMs = this.#clock.now() + this.#ttlMs;
  }

  /** Takes an assumed pod back; one that the server has shown meanwhile stays. */
  forget(uid: string): void {
    if (this.#assumed.has(uid)) this.#drop(uid);
  }

  /** A bound pod, as the server shows it: added or changed, assumed before or not. */
  setPod(info: PodInfo): void {
    this.#drop(info.uid);
    this.#put(info, false);
  }

  removePod(uid: string): void {
    this.#drop(uid);
  }

  setNode(node: Node): void {
    const info = this.#node(node.metadata.name);
    const before = info.images;
    const images = this.#images.set(node);
    this.#images.unset(info.name, before, images);
    info.setNode(node, images);
    this.#changed.add(info.name);
  }

  /** Pods of a node that is gone are still counted, for their own deletion comes later. */
  removeNode(name: string): void {
    const info = this.#nodes.get(name);
    if (!info) return;
    this.#images.unset(name, info.images);
    info.forgetNode();
    if (info.pods.size === 0) this.#nodes.delete(name);
    this.#changed.add(name);
  }

  #put(info: PodInfo, isAssumed: boolean): void {
    const nodeName = info.pod.spec?.nodeName ?? "";
    this.#pods.set(info.uid, { info, isAssumed, deadlineMs: undefined });
    if (isAssumed) this.#assumed.add(info.uid);
    this.#node(nodeName).addPod(info);
    this.#changed.add(nodeName);
  }

  #drop(uid: string): void {
    const state = this.#pods.get(uid);
    if (!state) return;
    this.#pods.delete(uid);
    this.#assumed.delete(uid);
    const nodeName = state.info.pod.spec?.nodeName ?? "";
    const node = this.#nodes.get(nodeName);
    node?.removePod(state.info.key);
    if (node && !node.node && node.pods.size === 0) this.#nodes.delete(nodeName);
    this.#changed.add(nodeName);
  }

  #node(name: string): NodeInfo {
    let info = this.#nodes.get(name);
    if (!info) {
      info = new NodeInfo(name);
      this.#nodes.set(name, info);
    }
    return info;
  }

  #expire(): void {
    if (this.#ttlMs === 0) return;
    const nowMs = this.#clock.now();
    for (const uid of this.#assumed) {
      const deadlineMs = this.#pods.get(uid)?.deadlineMs;
      if (deadlineMs !== undefined && deadlineMs <= nowMs) this.#drop(uid);
    }
  }
}

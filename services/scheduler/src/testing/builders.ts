import type { Node, Pod } from "@tskube/api";
import { NodeInfo } from "../framework/node-info.ts";
import { type PodInfo, placedOn, podInfoOf } from "../framework/pod-info.ts";

type PodSpec = NonNullable<Pod["spec"]>;

export interface PodDraft {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly requests?: Record<string, string>;
  readonly priority?: number;
  readonly spec?: Partial<PodSpec>;
  readonly status?: Pod["status"];
}

let uids = 0;

/** A pod of one container. */
export function makePod(draft: PodDraft = {}): Pod {
  const { name = "pod", namespace = "default", labels = {}, requests, priority, spec, status } = draft;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, uid: `${name}-${++uids}`, labels },
    spec: {
      containers: [{ name: "app", image: "app", ...(requests && { resources: { requests } }) }],
      ...(priority !== undefined && { priority }),
      ...spec,
    },
    ...(status && { status }),
  };
}

export function makePodInfo(draft: PodDraft = {}): PodInfo {
  return podInfoOf(makePod(draft));
}

export interface NodeDraft {
  readonly labels?: Record<string, string>;
  readonly allocatable?: Record<string, string>;
  readonly spec?: Node["spec"];
  readonly images?: { readonly names: string[]; readonly sizeBytes: number }[];
}

export const defaultAllocatable = { cpu: "4", memory: "8Gi", "ephemeral-storage": "100Gi", pods: "110" };

export function makeNode(name: string, draft: NodeDraft = {}): Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/hostname": name, ...draft.labels } },
    spec: draft.spec ?? {},
    status: {
      allocatable: draft.allocatable ?? defaultAllocatable,
      capacity: draft.allocatable ?? defaultAllocatable,
      ...(draft.images && { images: draft.images }),
    },
  };
}

/** A node as a snapshot holds it, with pods on it. */
export function makeNodeInfo(name: string, draft: NodeDraft = {}, pods: readonly PodInfo[] = []): NodeInfo {
  const info = new NodeInfo(name);
  info.setNode(makeNode(name, draft), new Map());
  for (const pod of pods) info.addPod(placedOn(pod, name));
  return info;
}

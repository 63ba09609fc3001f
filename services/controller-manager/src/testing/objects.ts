import type { Deployment, Node, Pod, ReplicaSet, Service } from "@tskube/api";

const template = (image = "app:1") => ({
  metadata: { labels: { app: "web" } },
  spec: { containers: [{ name: "c", image }] },
});

/** A deployment as the server stores it, with what a test says of its spec. */
export function aDeployment(spec: Partial<Deployment["spec"]> = {}, name = "web"): Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default", generation: 1 },
    spec: {
      replicas: 4,
      selector: { matchLabels: { app: "web" } },
      template: template(),
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      ...spec,
    },
  };
}

export function aReplicaSet(name: string, replicas: number, more: Partial<ReplicaSet> = {}): ReplicaSet {
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name, namespace: "default", uid: name, generation: 1, creationTimestamp: "2024-01-01T00:00:00Z" },
    spec: { replicas, selector: { matchLabels: { app: "web" } }, template: template() },
    status: { replicas, availableReplicas: replicas },
    ...more,
  };
}

export interface PodFacts {
  readonly node?: string;
  readonly ip?: string;
  readonly ready?: boolean;
  readonly readySince?: string;
  readonly phase?: string;
  readonly metadata?: Partial<Pod["metadata"]>;
  readonly spec?: Partial<Pod["spec"]>;
}

export function aPod(name: string, facts: PodFacts = {}): Pod {
  const { node, ip, ready = false, readySince = "2024-01-01T00:00:00Z", phase = "Running", metadata, spec } = facts;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: { app: "web" }, ...metadata },
    spec: { containers: [{ name: "c", image: "app:1" }], ...(node && { nodeName: node }), ...spec },
    status: {
      phase,
      ...(ip && { podIP: ip, podIPs: [{ ip }] }),
      conditions: [{ type: "Ready", status: ready ? "True" : "False", lastTransitionTime: readySince }],
    },
  };
}

export function aNode(
  name: string,
  ready: "True" | "False" | "Unknown" = "True",
  more: Partial<Node["spec"]> = {},
): Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name },
    spec: { ...more },
    status: { conditions: [{ type: "Ready", status: ready, lastHeartbeatTime: "2024-01-01T00:00:00Z" }] },
  };
}

export function aService(spec: Partial<NonNullable<Service["spec"]>> = {}): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default" },
    spec: { selector: { app: "web" }, clusterIP: "10.96.0.7", ports: [{ port: 80, targetPort: 8080 }], ...spec },
  };
}

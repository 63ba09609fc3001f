import { type BenchClient, must } from "./client/index.ts";

export const namespace = "bench";
/** One pod in this many carries the label that the label lists ask for. */
export const labelShare = 20;
const nodes = 100;

export const podsPath = `/api/v1/namespaces/${namespace}/pods`;

export function podName(i: number): string {
  return `pod-${String(i).padStart(6, "0")}`;
}

export function podPath(i: number): string {
  return `${podsPath}/${podName(i)}`;
}

/** A pod as a Deployment's controller writes it; about 3 KB once the server has completed it. */
export function pod(i: number): object {
  const labels = { app: "web", "pod-template-hash": "7c5ddbdf54", ...(i % labelShare === 0 && { tier: "chosen" }) };
  return {
    kind: "Pod",
    apiVersion: "v1",
    metadata: {
      name: podName(i),
      namespace,
      labels,
    },
    spec: {
      nodeName: `node-${i % nodes}`,
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: "web",
          image: "registry.example.com/web/frontend:1.27.3",
          ports: [{ name: "http", containerPort: 8080 }],
          env: Array.from({ length: 3 }, (_, n) => ({ name: `SETTING_${n}`, value: `value of the setting ${n}` })),
          resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
          readinessProbe: { httpGet: { path: "/ready", port: "http" }, periodSeconds: 5 },
          volumeMounts: [{ name: "config", mountPath: "/etc/web", readOnly: true }],
        },
      ],
      volumes: [{ name: "config", configMap: { name: "web-config" } }],
    },
  };
}

/** A merge patch of the status as a kubelet sends it. */
export function statusPatch(turn: number): object {
  const at = new Date(1_760_000_000_000 + turn * 1000).toISOString().replace(".000Z", "Z");
  const condition = (type: string) => ({ type, status: "True", lastTransitionTime: at });
  return {
    status: {
      phase: "Running",
      hostIP: "10.0.0.1",
      podIP: `10.244.${(turn >> 8) & 255}.${turn & 255}`,
      startTime: at,
      conditions: ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map(condition),
    },
  };
}

/** What an owner of two annotations applies. */
export function applied(i: number, turn: number): object {
  return {
    kind: "Pod",
    apiVersion: "v1",
    metadata: { name: podName(i), namespace, annotations: { "example.com/a": "1", "example.com/turn": String(turn) } },
  };
}

export function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** The namespace, and the account that its pods run under, for no controller makes it here. */
export async function makeNamespace(client: BenchClient): Promise<void> {
  const headers = { "content-type": "application/json" };
  const make = (path: string, object: object) => must(client, { method: "POST", path, headers, body: json(object) });
  await make("/api/v1/namespaces", { kind: "Namespace", apiVersion: "v1", metadata: { name: namespace } });
  const account = { kind: "ServiceAccount", apiVersion: "v1", metadata: { name: "default" } };
  await make(`/api/v1/namespaces/${namespace}/serviceaccounts`, account);
}

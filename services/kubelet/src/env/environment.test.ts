import type { Container } from "@tskube/api";
import { expect } from "chai";
import { specOf } from "../testing/runtime-pods.ts";
import { buildEnvironment } from "./environment.ts";

const objects = {
  configMap: async (_: string, name: string) =>
    name === "settings"
      ? {
          apiVersion: "v1" as const,
          kind: "ConfigMap" as const,
          metadata: { name },
          data: { color: "red", "odd.key": "odd" },
        }
      : undefined,
  secret: async (_: string, name: string) =>
    name === "keys"
      ? {
          apiVersion: "v1" as const,
          kind: "Secret" as const,
          metadata: { name },
          data: { key: Buffer.from("s3cret").toString("base64") },
        }
      : undefined,
};

async function environmentOf(container: Partial<Container>, services: Record<string, string> = {}) {
  const whole = { name: "main", image: "app:1", ...container };
  const environment = await buildEnvironment({
    pod: specOf({ containers: [whole], nodeName: "n1" }, { labels: { app: "web" } }),
    container: whole,
    services: new Map(Object.entries(services)),
    objects,
    addresses: { podIps: ["10.0.0.5"], hostIps: ["192.0.2.1"] },
    allocatable: { cpu: "1900m", memory: "4Gi" },
  });
  return Object.fromEntries(environment);
}

describe("environment of a container", () => {
  it("expands references to what came before and to services, and leaves the rest", async () => {
    const environment = await environmentOf(
      {
        env: [
          { name: "A", value: "a" },
          { name: "B", value: "$(A)-$(DB_HOST)-$(LATER)-$$(A)-$A" },
          { name: "LATER", value: "x" },
        ],
      },
      { DB_HOST: "10.96.0.7" },
    );
    expect(environment).to.deep.equal({ A: "a", B: "a-10.96.0.7-$(LATER)-$(A)-$A", LATER: "x", DB_HOST: "10.96.0.7" });
  });

  it("takes whole objects with a prefix, and single keys", async () => {
    const environment = await environmentOf({
      envFrom: [{ prefix: "P_", configMapRef: { name: "settings" } }, { secretRef: { name: "none", optional: true } }],
      env: [{ name: "KEY", valueFrom: { secretKeyRef: { name: "keys", key: "key" } } }],
    });
    expect(environment).to.deep.equal({ P_color: "red", "P_odd.key": "odd", KEY: "s3cret" });
  });

  it("tells of the pod and of what the container may use", async () => {
    const environment = await environmentOf({
      resources: { requests: { cpu: "250m" }, limits: { memory: "64Mi" } },
      env: [
        { name: "NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
        { name: "LABEL", valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
        { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
        { name: "HOST_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } },
        { name: "CPU", valueFrom: { resourceFieldRef: { resource: "requests.cpu" } } },
        { name: "CPU_M", valueFrom: { resourceFieldRef: { resource: "requests.cpu", divisor: "1m" } } },
        { name: "MEM", valueFrom: { resourceFieldRef: { resource: "limits.memory", divisor: "1Mi" } } },
        { name: "ALL_CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
      ],
    });
    expect(environment).to.deep.equal({
      NAME: "web",
      LABEL: "web",
      IP: "10.0.0.5",
      HOST_IP: "192.0.2.1",
      CPU: "1",
      CPU_M: "250",
      MEM: "64",
      ALL_CPU: "2",
    });
  });

  it("says what is missing", async () => {
    const failure = async (container: Partial<Container>) =>
      environmentOf(container).then(
        () => "none",
        (error: Error) => error.message,
      );
    expect(await failure({ envFrom: [{ configMapRef: { name: "none" } }] })).to.equal('configmap "none" not found');
    expect(
      await failure({ env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "settings", key: "size" } } }] }),
    ).to.equal("couldn't find key size in ConfigMap default/settings");
    expect(
      await failure({
        env: [{ name: "A", valueFrom: { secretKeyRef: { name: "keys", key: "none", optional: true } } }],
      }),
    ).to.equal("none");
  });
});

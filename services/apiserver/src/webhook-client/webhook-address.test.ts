import type { KubeObject } from "@tskube/api";
import { expect } from "chai";
import { FakeObjects } from "../auth/testing/fake-objects.ts";
import { type WebhookClientConfig, webhookAddress } from "./webhook-address.ts";

const named = (kind: string, name: string, more: object): KubeObject =>
  ({ apiVersion: "v1", kind, metadata: { name, namespace: "ns" }, ...more }) as unknown as KubeObject;
const service = (spec: object) => named("Service", "hook", { spec });
const ports = [
  { name: "web", port: 443 },
  { name: "other", port: 9000 },
];

function slice(ready: boolean, ...addresses: string[]): KubeObject {
  const object = named("EndpointSlice", addresses.join(), {
    ports: [{ name: "web", port: 8443 }],
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready } })),
  });
  object.metadata.labels = { "kubernetes.io/service-name": "hook" };
  return object;
}

function resolve(config: WebhookClientConfig, objects: readonly KubeObject[] = [], random = 0) {
  const all = new FakeObjects();
  for (const object of objects)
    all.put(object.kind === "Service" ? "services" : "endpointslices.discovery.k8s.io", object);
  try {
    return webhookAddress(config, { objects: all, random: () => random });
  } catch (error) {
    return (error as Error).message;
  }
}

const reference = { service: { namespace: "ns", name: "hook", path: "/admit" } };

describe("a webhook's address", () => {
  it("is its URL's", () => {
    const common = { path: "/a?b=c", port: 443 };
    expect(resolve({ url: "https://hook.test/a?b=c" })).to.deep.equal({
      ...common,
      host: "hook.test",
      serverName: "hook.test",
      authority: "hook.test",
    });
    expect(resolve({ url: "https://[::1]:9443" })).to.deep.equal({
      host: "::1",
      port: 9443,
      serverName: "",
      authority: "[::1]:9443",
      path: "/",
    });
  });

  it("is one of the ready endpoints of its service, under the service's name", () => {
    const objects = [
      service({ ports, selector: { a: "b" } }),
      slice(true, "10.0.0.1", "10.0.0.2"),
      slice(false, "10.0.0.3"),
    ];
    const address = { port: 8443, serverName: "hook.ns.svc", authority: "hook.ns.svc:443", path: "/admit" };
    expect(resolve(reference, objects)).to.deep.equal({ ...address, host: "10.0.0.1" });
    expect(resolve(reference, objects, 0.9)).to.deep.equal({ ...address, host: "10.0.0.2" });
  });

  it("is the cluster address of a service that selects nothing, and the name of an external one", () => {
    expect(resolve(reference, [service({ ports, clusterIP: "10.96.0.9" })])).to.include({
      host: "10.96.0.9",
      port: 443,
    });
    const external = service({ type: "ExternalName", externalName: "hooks.test" });
    expect(resolve(reference, [external])).to.include({ host: "hooks.test", port: 443, serverName: "hook.ns.svc" });
  });

  it("is missing in upstream's words", () => {
    expect(resolve(reference)).to.equal('service "hook" not found');
    expect(resolve(reference, [service({ ports: [] })])).to.equal('no service port 443 found for service "hook"');
    expect(resolve(reference, [service({ ports, selector: {}, clusterIP: "10.96.0.9" })])).to.equal(
      'no endpoints available for service "hook"',
    );
    expect(resolve({})).to.equal("webhook configuration must have either service or URL");
  });
});

import type { EndpointSlice, Service } from "@tskube/api";
import { expect } from "chai";
import { FakeObjects } from "../../auth/testing/fake-objects.ts";
import { authorityOf, clusterAddressResolver, endpointResolver } from "./resolve-service.ts";

const target = { namespace: "ns", name: "api", port: 443 };

function objectsWith(spec: object, ...endpoints: readonly (readonly [string, boolean])[]): FakeObjects {
  const objects = new FakeObjects();
  objects.put("services", { metadata: { name: "api", namespace: "ns" }, spec } as Service);
  objects.put("endpointslices.discovery.k8s.io", {
    metadata: { name: "api-1", namespace: "ns", labels: { "kubernetes.io/service-name": "api" } },
    ports: [{ name: "https", port: 8443 }],
    endpoints: endpoints.map(([address, ready]) => ({ addresses: [address], conditions: { ready } })),
  } as unknown as EndpointSlice);
  return objects;
}

const ports = [{ name: "https", port: 443, targetPort: 8443 }];

describe("an extension server's address", () => {
  it("is the service's, which the packet filter forwards", () => {
    const resolve = (spec: object) => clusterAddressResolver({ objects: objectsWith(spec) })(target);
    expect(resolve({ type: "ClusterIP", clusterIP: "10.96.0.7", ports })).to.deep.equal({
      host: "10.96.0.7",
      port: 443,
    });
    expect(resolve({ type: "ExternalName", externalName: "a.example" })).to.deep.equal({
      host: "a.example",
      port: 443,
    });
    expect(() => resolve({ type: "ClusterIP", clusterIP: "None", ports })).to.throw("cannot route to service");
    expect(() => resolve({ clusterIP: "10.96.0.7", ports: [] })).to.throw(
      'no service port 443 found for service "api"',
    );
    expect(() => clusterAddressResolver({ objects: new FakeObjects() })(target)).to.throw("not found");
  });

  it("has its brackets in URLs where it needs them", () => {
    expect(authorityOf({ host: "10.0.0.1", port: 443 })).to.equal("10.0.0.1:443");
    expect(authorityOf({ host: "fd00::1", port: 443 })).to.equal("[fd00::1]:443");
  });

  it("is one of its ready endpoints where the aggregator routes itself", () => {
    const spec = { type: "ClusterIP", clusterIP: "10.96.0.7", ports };
    const objects = objectsWith(spec, ["10.0.0.1", true], ["10.0.0.2", false], ["10.0.0.3", true]);
    const resolve = (random: number) => endpointResolver({ objects, random: () => random })(target);
    expect([resolve(0), resolve(0.9)]).to.deep.equal([
      { host: "10.0.0.1", port: 8443 },
      { host: "10.0.0.3", port: 8443 },
    ]);
    const none = endpointResolver({ objects: objectsWith(spec), random: () => 0 });
    expect(() => none(target)).to.throw('no endpoints available for service "api"');
  });
});

import { expect } from "chai";
import { buildServicePorts } from "./build-service-ports.ts";
import { aService, aSlice } from "./testing.ts";

const node = { nodeName: "worker-1", zone: "a" };

function build(service = aService(), slice = aSlice([])) {
  const [port] = buildServicePorts(service, [slice], node, "IPv4");
  if (!port) throw new Error("the service has one port");
  return port;
}

const addresses = (endpoints: readonly { readonly address: string }[]) => endpoints.map(({ address }) => address);

describe("service ports", () => {
  it("are none for headless and external-name services and for another family", () => {
    expect(buildServicePorts(aService({ clusterIP: "None", clusterIPs: ["None"] }), [], node, "IPv4")).to.deep.equal(
      [],
    );
    expect(
      buildServicePorts(aService({ type: "ExternalName", clusterIP: "", clusterIPs: [] }), [], node, "IPv4"),
    ).to.deep.equal([]);
    expect(buildServicePorts(aService(), [], node, "IPv6")).to.deep.equal([]);
  });

  it("send traffic to ready endpoints only", () => {
    const port = build(aService(), aSlice([{ address: "10.244.1.1" }, { address: "10.244.1.2", isReady: false }]));
    expect(addresses(port.clusterEndpoints)).to.deep.equal(["10.244.1.1"]);
  });

  it("fall back to endpoints that serve while they terminate when none is ready", () => {
    const slice = aSlice([
      { address: "10.244.1.1", isReady: false, isServing: true, isTerminating: true },
      { address: "10.244.1.2", isReady: false, isServing: false, isTerminating: true },
    ]);
    expect(addresses(build(aService(), slice).clusterEndpoints)).to.deep.equal(["10.244.1.1"]);
  });

  it("list an endpoint once while it stands in two slices", () => {
    const slices = [aSlice([{ address: "10.244.1.1", isReady: false }]), aSlice([{ address: "10.244.1.1" }])];
    const [port] = buildServicePorts(aService(), slices, node, "IPv4");
    expect(addresses(port?.clusterEndpoints ?? [])).to.deep.equal(["10.244.1.1"]);
  });

  it("keep node port traffic on this node with externalTrafficPolicy Local, and still know all endpoints for pods", () => {
    const service = aService({
      type: "NodePort",
      externalTrafficPolicy: "Local",
      ports: [{ port: 80, nodePort: 30080 }],
    });
    const port = build(
      service,
      aSlice([
        { address: "10.244.1.1", node: "worker-1" },
        { address: "10.244.2.1", node: "worker-2" },
      ]),
    );
    expect(port).to.include({ nodePort: 30080, external: "Local", internal: "Cluster" });
    expect(addresses(port.localEndpoints)).to.deep.equal(["10.244.1.1"]);
    expect(addresses(port.clusterEndpoints)).to.deep.equal(["10.244.1.1", "10.244.2.1"]);
  });

  it("have no endpoint here with internalTrafficPolicy Local when all run elsewhere", () => {
    const port = build(
      aService({ internalTrafficPolicy: "Local" }),
      aSlice([{ address: "10.244.2.1", node: "worker-2" }]),
    );
    expect(port.localEndpoints).to.deep.equal([]);
    expect(port.hasEndpoints).to.equal(true);
  });

  it("stay in the zone when every ready endpoint has a hint, and ignore hints when one lacks them", () => {
    const hinted = [
      { address: "10.244.1.1", zoneHint: "a" },
      { address: "10.244.2.1", zoneHint: "b" },
    ];
    expect(addresses(build(aService(), aSlice(hinted)).clusterEndpoints)).to.deep.equal(["10.244.1.1"]);
    expect(
      addresses(build(aService(), aSlice([...hinted, { address: "10.244.3.1" }])).clusterEndpoints),
    ).to.have.length(3);
  });

  it("take session affinity with its default of three hours", () => {
    expect(build(aService({ sessionAffinity: "ClientIP" })).affinitySeconds).to.equal(10_800);
  });

  it("leave a load balancer's address to itself when its mode is Proxy", () => {
    const status = {
      loadBalancer: {
        ingress: [
          { ip: "192.0.2.1", ipMode: "Proxy" },
          { ip: "192.0.2.2", ipMode: "VIP" },
        ],
      },
    };
    expect(build(aService({ type: "LoadBalancer" }, status)).loadBalancerIPs).to.deep.equal(["192.0.2.2"]);
  });
});

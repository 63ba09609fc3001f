import type { IPAddress, Service, ServiceCIDR } from "@tskube/api";
import { expect } from "chai";
import { judgeDefault } from "./default-range.ts";
import { findRepairs } from "./find-repairs.ts";

const service = (name: string, clusterIP: string, nodePort = 0) =>
  ({
    kind: "Service",
    apiVersion: "v1",
    metadata: { name, namespace: "d" },
    spec: { clusterIP, clusterIPs: [clusterIP], ports: nodePort ? [{ port: 1, nodePort }] : [] },
  }) as unknown as Service;
const record = (address: string, name: string, isOwn = true) =>
  ({
    kind: "IPAddress",
    apiVersion: "networking.k8s.io/v1",
    metadata: {
      name: address,
      ...(isOwn && { labels: { "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io" } }),
    },
    spec: { parentRef: { resource: "services", namespace: "d", name } },
  }) as unknown as IPAddress;
const range = (cidr: string) => ({ spec: { cidrs: [cidr] } }) as unknown as ServiceCIDR;

const wrong = (services: Service[], addresses: IPAddress[]) =>
  findRepairs({ services, addresses, ranges: [range("10.0.0.0/24")], nodePorts: { first: 30_000, last: 30_010 } }).map(
    ({ reason, record: one }) => `${reason} ${one ? `${one.act} ${one.address}` : "-"}`,
  );

describe("findRepairs", () => {
  it("finds nothing where all is recorded", () => {
    expect(wrong([service("a", "10.0.0.1", 30_001), service("h", "None")], [record("10.0.0.1", "a")])).to.deep.equal(
      [],
    );
  });

  it("tells what is not recorded, recorded for others, or out of range", () => {
    expect(wrong([service("a", "10.0.0.1")], [])).to.deep.equal(["ClusterIPNotAllocated create 10.0.0.1"]);
    expect(wrong([service("a", "10.0.0.1"), service("b", "10.0.0.1")], [record("10.0.0.1", "a")])).to.deep.equal([
      "ClusterIPAlreadyAllocated -",
    ]);
    expect(wrong([service("a", "10.9.0.1", 40_000)], [record("10.9.0.1", "a")])).to.deep.equal([
      "ClusterIPOutOfRange -",
      "PortOutOfRange -",
    ]);
  });

  it("clears up records of services that are gone, but no one else's", () => {
    expect(wrong([], [record("10.0.0.1", "a"), record("10.0.0.2", "b", false)])).to.deep.equal([
      "IPAddressNotAllocated delete 10.0.0.1",
    ]);
  });
});

describe("judgeDefault", () => {
  const nowMs = Date.parse("2026-01-01T00:00:00Z");

  it("makes the flag's range ready once", () => {
    const verdict = judgeDefault(range("10.0.0.0/24"), "10.0.0.0/24", nowMs);
    expect(verdict.status?.conditions?.[0]).to.include({ type: "Ready", status: "True" });
    const ready = { ...range("10.0.0.0/24"), ...(verdict.status && { status: verdict.status }) };
    expect(judgeDefault(ready, "10.0.0.0/24", nowMs)).to.deep.equal({});
  });

  it("tells of a range that another flag made", () => {
    const { status, event } = judgeDefault(range("10.0.0.0/24"), "10.1.0.0/24", nowMs);
    expect(status?.conditions?.[0]).to.include({
      status: "False",
      reason: "KubernetesDefaultServiceCIDRInconsistent",
    });
    expect(event).to.equal(
      "The default ServiceCIDR [10.0.0.0/24] does not match the flag --service-cluster-ip-range [10.1.0.0/24]",
    );
  });
});

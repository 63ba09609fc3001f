import { expect } from "chai";
import { aServicePort } from "../model/testing.ts";
import { staleFlows } from "./stale-flows.ts";

const [first, second] = aServicePort().clusterEndpoints;
if (!first || !second) throw new Error("the builder makes two endpoints");
const dns = (changes: Parameters<typeof aServicePort>[0] = {}) => aServicePort({ protocol: "UDP", ...changes });

describe("stale flows", () => {
  it("are those to endpoints that have gone, by every address of the service", () => {
    const before = [dns({ nodePort: 30053 })];
    const after = [dns({ nodePort: 30053, clusterEndpoints: [first] })];
    expect(staleFlows(before, after)).to.deep.equal([
      ["-D", "-p", "udp", "--orig-dst", "10.96.0.7", "--dst-nat", "10.244.2.6"],
      ["-D", "-p", "udp", "--dport", "30053", "--dst-nat", "10.244.2.6"],
    ]);
  });

  it("are those that led nowhere once a service has its first endpoint", () => {
    expect(staleFlows([dns({ clusterEndpoints: [] })], [dns()])).to.deep.equal([
      ["-D", "-p", "udp", "--orig-dst", "10.96.0.7"],
    ]);
  });

  it("are none for TCP and for endpoints that come", () => {
    expect(staleFlows([aServicePort()], [])).to.deep.equal([]);
    expect(staleFlows([dns({ clusterEndpoints: [first] })], [dns()])).to.deep.equal([]);
  });
});

import { expect } from "chai";
import { UserError } from "../command.ts";
import { conflictingOptions, type MachineFacts, planCluster, type UpOptions } from "./options.ts";

const machine: MachineFacts = {
  whyNoNamespaces: undefined,
  hasContainerd: true,
  hasEtcd: true,
  hasNft: true,
  address: "192.0.2.7",
  defaultKubeconfig: "/home/me/.kube/config",
};

describe("options of up", () => {
  it("make three nodes on containerd where it is installed and else on the process runtime", () => {
    const config = planCluster("tskube", {}, machine);
    expect(config.nodes.map(({ name, address }) => `${name} ${address}`)).to.deep.equal([
      "control-plane 172.30.0.2",
      "worker-1 172.30.0.3",
      "worker-2 172.30.0.4",
    ]);
    expect(config.runtime).to.equal("containerd");
    expect(planCluster("tskube", {}, { ...machine, hasContainerd: false }).runtime).to.equal("process");
  });

  it("make one node in the machine's own namespace when there can be no others", () => {
    const config = planCluster("tskube", { nodes: "5" }, { ...machine, whyNoNamespaces: "you are not root" });
    expect(config.nodes).to.deep.equal([{ name: "control-plane", role: "control-plane", address: "192.0.2.7" }]);
    expect(config).to.include({ isolation: "host", runtime: "process", uplink: false });
    // The only addresses that a user can give to pods and services.
    expect(config).to.include({ podSubnet: "127.244.0.0/16", serviceSubnet: "127.96.0.0/16" });
  });

  const refused: Array<[options: UpOptions, facts: Partial<MachineFacts>, sentence: RegExp]> = [
    [{ runtime: "docker" }, {}, /no runtime "docker"/],
    [{ runtime: "containerd" }, { hasContainerd: false }, /install the package containerd/],
    [{ store: "etcd" }, { hasEtcd: false }, /install the package etcd-server/],
    [{ store: "sqlite" }, {}, /choose embedded or etcd/],
    [{ etcdEndpoints: "localhost:2379" }, {}, /no etcd endpoint/],
    [{ etcdEndpoints: "http://127.0.0.1:2379" }, {}, /namespace of its own/],
    [{ nodes: "0" }, {}, /--nodes takes a whole number from 1 to 100/],
    [{ nodes: "two" }, {}, /not "two"/],
    [{ subnet: "10.0.0.0/8" }, {}, /IPv4 \/24/],
    [{ nodeGracePeriod: "1" }, {}, /--node-grace-period/],
  ];
  for (const [options, facts, sentence] of refused) {
    it(`are refused in one sentence: ${JSON.stringify(options)}`, () => {
      expect(() => planCluster("tskube", options, { ...machine, ...facts })).to.throw(UserError, sentence);
    });
  }

  it("shorten the lease with the grace period, so that several heartbeats fit into it", () => {
    expect(planCluster("tskube", { nodeGracePeriod: "8" }, machine).timing).to.deep.equal({
      nodeGraceSeconds: 8,
      tolerationSeconds: 300,
      leaseSeconds: 8,
    });
    expect(planCluster("tskube", { quickFailover: true }, machine).timing).to.deep.equal({
      nodeGraceSeconds: 4,
      tolerationSeconds: 3,
      leaseSeconds: 4,
    });
  });

  it("leave nodes without a way beyond the machine where nftables is missing, rather than refuse to start", () => {
    expect(planCluster("tskube", {}, machine).uplink).to.equal(true);
    expect(planCluster("tskube", {}, { ...machine, hasNft: false }).uplink).to.equal(false);
  });

  it("conflict with an existing cluster only where they are given and differ", () => {
    const existing = planCluster("tskube", { nodes: "2", runtime: "process" }, machine);
    expect(conflictingOptions(existing, {}, machine)).to.deep.equal([]);
    expect(conflictingOptions(existing, { nodes: "2", runtime: "auto" }, machine)).to.deep.equal([]);
    expect(conflictingOptions(existing, { nodes: "4", store: "etcd" }, machine)).to.deep.equal(["--nodes", "--store"]);
  });
});

import { expect } from "chai";
import { aClusterConfig } from "../cluster/testing.ts";
import { hubCommands, machineInterface, nodeCommands, nodeUplinkRules, routeChanges, routesFrom } from "./plan.ts";

const config = aClusterConfig();

describe("network plan", () => {
  it("puts the switch into a namespace of its own and the machine on one of its ports", () => {
    expect(hubCommands(config)).to.deep.equal({
      machine: [
        "netns add tskube-hub",
        "link add tskube0 type veth peer name host netns tskube-hub",
        "addr add 172.30.0.1/24 dev tskube0",
        "link set tskube0 up",
      ],
      inside: {
        "tskube-hub": ["link set lo up", "link add br0 type bridge", "link set br0 up", "link set host master br0 up"],
      },
    });
  });

  it("gives a node an address of its own and the machine as its gateway", () => {
    const worker = config.nodes[1];
    if (!worker) throw new Error("the config has a worker");
    expect(nodeCommands(config, worker)).to.deep.equal({
      machine: ["netns add tskube-worker-1"],
      inside: {
        "tskube-worker-1": [
          "link set lo up",
          "link add eth0 address 0a:58:ac:1e:00:03 type veth peer name n1 netns tskube-hub",
          "addr add 172.30.0.3/24 dev eth0",
          "link set eth0 up",
          "route add default via 172.30.0.1",
        ],
        "tskube-hub": ["link set n1 master br0 up"],
      },
    });
  });

  it("keeps interface names within the kernel's 15 characters for any cluster name", () => {
    const name = machineInterface({ name: "a-cluster-with-quite-a-long-name" });
    expect(name.length).to.be.at.most(15);
    expect(name).to.not.equal(machineInterface({ name: "another" }));
  });

  it("masquerades pods only beyond the cluster, so that pods see each other's addresses", () => {
    expect(nodeUplinkRules(config)).to.contain(
      "ip saddr 10.244.0.0/16 ip daddr != { 10.244.0.0/16, 172.30.0.0/24 } masquerade",
    );
  });

  it("routes every other node's pods through that node and changes only what differs", () => {
    const nodes = [
      { name: "a", address: "172.30.0.2", podCidr: "10.244.0.0/24" },
      { name: "b", address: "172.30.0.3", podCidr: "10.244.1.0/24" },
      { name: "c", address: "172.30.0.4", podCidr: "10.244.2.0/24" },
    ];
    const wanted = routesFrom("a", nodes);
    expect([...wanted]).to.deep.equal([
      ["10.244.1.0/24", "172.30.0.3"],
      ["10.244.2.0/24", "172.30.0.4"],
    ]);
    const current = new Map([
      ["10.244.1.0/24", "172.30.0.3"],
      ["10.244.2.0/24", "172.30.0.9"],
      ["10.244.7.0/24", "172.30.0.8"],
    ]);
    expect(routeChanges(current, wanted)).to.deep.equal([
      "route del 10.244.7.0/24",
      "route replace 10.244.2.0/24 via 172.30.0.4",
    ]);
  });
});

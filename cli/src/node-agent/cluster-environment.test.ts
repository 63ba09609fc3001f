import { expect } from "chai";
import { upstreamTiming } from "../cluster/cluster-config.ts";
import { clusterFromEnvironment, workerOf } from "./cluster-environment.ts";
import { aComposeEnvironment } from "./testing.ts";

describe("a cluster described by the environment", () => {
  it("has the control plane, the workers and upstream's timing", () => {
    const config = clusterFromEnvironment(aComposeEnvironment());
    expect(config.nodes).to.deep.equal([
      { name: "control-plane", role: "control-plane", address: "172.30.40.10" },
      { name: "worker-1", role: "worker", address: "172.30.40.21" },
      { name: "worker-2", role: "worker", address: "172.30.40.22" },
    ]);
    expect(config.timing).to.deep.equal(upstreamTiming);
    expect(config.podSubnet).to.equal("10.244.0.0/16");
  });

  it("takes shorter times for demonstrations, and an empty variable for an unset one", () => {
    const { timing } = clusterFromEnvironment(
      aComposeEnvironment({ TSKUBE_NODE_GRACE_SECONDS: "4", TSKUBE_TOLERATION_SECONDS: "0", TSKUBE_LEASE_SECONDS: "" }),
    );
    expect(timing).to.deep.equal({
      nodeGraceSeconds: 4,
      tolerationSeconds: 0,
      leaseSeconds: upstreamTiming.leaseSeconds,
    });
  });

  const refused: readonly (readonly [change: Record<string, string>, says: string])[] = [
    [{ TSKUBE_WORKERS: "" }, "TSKUBE_WORKERS is not set"],
    [{ TSKUBE_WORKERS: "worker-1" }, 'TSKUBE_WORKERS: worker-1 must be an IPv4 address, not ""'],
    [{ TSKUBE_WORKERS: "../x=172.30.40.21" }, 'TSKUBE_WORKERS must be a list of NAME=ADDRESS, not "../x=172.30.40.21"'],
    [{ TSKUBE_CONTROL_PLANE_ADDRESS: "apiserver" }, "must be an IPv4 address"],
    [{ TSKUBE_LEASE_SECONDS: "4s" }, 'TSKUBE_LEASE_SECONDS must be a whole number of seconds, not "4s"'],
  ];
  for (const [change, says] of refused) {
    it(`refuses ${JSON.stringify(change)}`, () => {
      expect(() => clusterFromEnvironment(aComposeEnvironment(change))).to.throw(says);
    });
  }

  it("knows a worker by its host name", () => {
    const config = clusterFromEnvironment(aComposeEnvironment());
    expect(workerOf(config, "worker-2").address).to.equal("172.30.40.22");
    expect(() => workerOf(config, "control-plane")).to.throw("only worker-1, worker-2");
  });
});

import { expect } from "chai";
import { allocatableOf, capacityOf } from "./capacity.ts";
import { conditionEvent, nodeConditions } from "./conditions.ts";

const machine = {
  cpus: 2,
  memoryBytes: 4 * 1024 ** 3,
  machineId: "m",
  systemUuid: "s",
  bootId: "b",
  kernelVersion: "6",
  osImage: "Linux",
  architecture: "amd64",
  maxPids: 1000,
};
const load = {
  availableMemoryBytes: 1024 ** 3,
  diskCapacityBytes: 100 * 1024 ** 3,
  diskAvailableBytes: 50 * 1024 ** 3,
  inodes: 100,
  inodesFree: 50,
  pids: 10,
};
const nowMs = Date.parse("2030-01-01T00:00:00Z");

describe("node status", () => {
  it("promises pods what is neither reserved nor kept free", () => {
    const capacity = capacityOf(machine, load, 110);
    expect(capacity).to.include({ cpu: "2", memory: "4Gi", pods: "110", "ephemeral-storage": "100Gi" });
    const allocatable = allocatableOf(capacity, {
      maxPods: 110,
      systemReserved: { cpu: "100m" },
      kubeReserved: { cpu: "50m", memory: "100Mi" },
    });
    expect(allocatable).to.include({ cpu: "1850m", memory: "3896Mi", pods: "110" });
  });

  it("has four conditions in order, with upstream's words", () => {
    const conditions = nodeConditions({ machine, load, problems: [], known: [], nowMs });
    expect(conditions.map(({ type, status, reason }) => [type, status, reason])).to.deep.equal([
      ["MemoryPressure", "False", "KubeletHasSufficientMemory"],
      ["DiskPressure", "False", "KubeletHasNoDiskPressure"],
      ["PIDPressure", "False", "KubeletHasSufficientPID"],
      ["Ready", "True", "KubeletReady"],
    ]);
  });

  it("tells of pressure and of what keeps it from being ready", () => {
    const strained = { ...load, availableMemoryBytes: 10, diskAvailableBytes: 1, pids: 950 };
    const conditions = nodeConditions({
      machine,
      load: strained,
      problems: ["no runtime", "no network"],
      known: [],
      nowMs,
    });
    expect(conditions.map(({ status }) => status)).to.deep.equal(["True", "True", "True", "False"]);
    expect(conditions[3]).to.include({ reason: "KubeletNotReady", message: "[no runtime, no network]" });
  });

  it("moves a transition time only with the status, and tells of it", () => {
    const known = [{ type: "Ready", status: "True", lastTransitionTime: "2029-01-01T00:00:00Z" }];
    const [, , , ready] = nodeConditions({ machine, load, problems: [], known, nowMs });
    expect(ready).to.include({ lastTransitionTime: "2029-01-01T00:00:00Z", lastHeartbeatTime: "2030-01-01T00:00:00Z" });
    expect(conditionEvent("n1", { type: "Ready", status: "True" })).to.deep.equal({
      reason: "NodeReady",
      message: "Node n1 status is now: NodeReady",
    });
  });
});

import type { PersistentVolume, PersistentVolumeClaim } from "@tskube/api";
import { expect } from "chai";
import { SchedulerBench } from "../../testing/index.ts";

const usesData = { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] };
const onNode = (name: string) => ({
  required: {
    nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [name] }] }],
  },
});

describe("volume plugins", () => {
  let bench: SchedulerBench;
  beforeEach(() => {
    bench = new SchedulerBench();
    bench.node("n1");
    bench.node("n2");
  });
  afterEach(() => bench.stop());

  function claim(spec: PersistentVolumeClaim["spec"], isBound = false): void {
    const annotations = isBound ? { "pv.kubernetes.io/bind-completed": "yes" } : {};
    bench.api.seed("PersistentVolumeClaim", { metadata: { name: "data", namespace: "default", annotations }, spec });
  }

  function volume(name: string, storage: string, spec: PersistentVolume["spec"] = {}, labels = {}): void {
    bench.api.seed("PersistentVolume", {
      metadata: { name, labels },
      spec: { capacity: { storage }, accessModes: ["ReadWriteOnce"], storageClassName: "local", ...spec },
      status: { phase: "Available" },
    });
  }

  function delayedClass(provisioner: string): void {
    bench.api.seed("StorageClass", {
      metadata: { name: "local" },
      provisioner,
      volumeBindingMode: "WaitForFirstConsumer",
    });
  }

  /** What the volume controller does. */
  function completeBinding(): void {
    bench.api.change("PersistentVolumeClaim", "default/data", (data) => {
      data.metadata.annotations = { ...data.metadata.annotations, "pv.kubernetes.io/bind-completed": "yes" };
      data.spec.volumeName = "pv";
    });
  }

  it("put a pod where its bound volume can be reached", async () => {
    volume("pv", "1Gi", { nodeAffinity: onNode("n2") });
    claim({ volumeName: "pv", storageClassName: "local" }, true);
    bench.pod({ name: "db", spec: usesData });
    await bench.start();
    expect(bench.nodeOf("db")).to.equal("n2");
  });

  it("tell how many nodes are out of the volume's reach", async () => {
    volume("pv", "1Gi", { nodeAffinity: onNode("n9") });
    claim({ volumeName: "pv" }, true);
    bench.pod({ name: "db", spec: usesData });
    await bench.start();
    expect(bench.messageOf("db")).to.match(
      /^0\/2 nodes are available: 2 node\(s\) didn't match PersistentVolume's node affinity\./,
    );
  });

  it("do not place a pod whose claim is bound without it and is not bound yet", async () => {
    claim({ storageClassName: "fast" });
    bench.pod({ name: "db", spec: usesData });
    await bench.start();
    expect(bench.messageOf("db")).to.contain("pod has unbound immediate PersistentVolumeClaims");
  });

  it("choose the smallest volume for a claim that waits, and bind the pod when the claim is bound", async () => {
    delayedClass("kubernetes.io/no-provisioner");
    volume("large", "100Gi", { nodeAffinity: onNode("n1") });
    volume("pv", "5Gi", { nodeAffinity: onNode("n1") });
    claim({
      storageClassName: "local",
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "2Gi" } },
    });
    bench.pod({ name: "db", spec: usesData });
    await bench.start();
    expect(bench.api.writes()).to.include("update persistentvolumes pv");
    expect(bench.nodeOf("db")).to.equal(undefined);
    completeBinding();
    await bench.clock.advance(2_000);
    await bench.settle();
    expect(bench.nodeOf("db")).to.equal("n1");
  });

  it("name the node to the provisioner when there is no volume", async () => {
    delayedClass("example.com/disks");
    claim({ storageClassName: "local", resources: { requests: { storage: "2Gi" } } });
    bench.pod({ name: "db", spec: { ...usesData, nodeSelector: { "kubernetes.io/hostname": "n2" } } });
    await bench.start();
    volume("pv", "2Gi");
    completeBinding();
    await bench.clock.advance(2_000);
    await bench.settle();
    expect(bench.api.writes()).to.include("update persistentvolumeclaims default/data");
    expect(bench.nodeOf("db")).to.equal("n2");
  });

  it("keep a claim that one pod may use to one pod", async () => {
    volume("pv", "1Gi");
    claim({ volumeName: "pv", accessModes: ["ReadWriteOncePod"] }, true);
    bench.pod({ name: "first", spec: { ...usesData, nodeName: "n1" } });
    bench.pod({ name: "second", spec: usesData });
    await bench.start();
    expect(bench.messageOf("second")).to.contain(
      "2 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode",
    );
  });

  it("hold a pod to its volume's zone", async () => {
    bench.node("zoned", { labels: { "topology.kubernetes.io/zone": "b" } });
    volume("pv", "1Gi", {}, { "topology.kubernetes.io/zone": "a__b" });
    claim({ volumeName: "pv" }, true);
    bench.pod({ name: "db", spec: usesData });
    await bench.start();
    expect(bench.nodeOf("db")).to.equal("zoned");
  });

  it("keep within what a driver can attach to a node", async () => {
    for (const name of ["n1", "n2"])
      bench.api.seed("CSINode", {
        metadata: { name },
        spec: { drivers: [{ name: "disks", nodeID: name, topologyKeys: [], allocatable: { count: 0 } }] },
      });
    volume("pv", "1Gi", { csi: { driver: "disks", volumeHandle: "v1" } });
    claim({ volumeName: "pv" }, true);
    bench.pod({ name: "db", spec: usesData });
    await bench.start();
    expect(bench.messageOf("db")).to.contain("2 node(s) exceed max volume count");
  });
});

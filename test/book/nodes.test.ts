import { cpus } from "node:os";
import type { Event, Lease, Node, NodeCondition, Pod } from "@tskube/api";
import { expect } from "chai";
import type { TestCluster } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { bookCluster, canRunClusters, podManifest } from "./book-cluster.ts";

const nodeNames = ["control-plane", "worker-1", "worker-2"];
const pressures = [
  ["MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
  ["DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
  ["PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"],
] as const;

describe("the book, 4.2: nodes", function () {
  this.timeout(90_000);
  let cluster: TestCluster;
  before(async function () {
    if (!canRunClusters) this.skip();
    this.timeout(240_000);
    cluster = await bookCluster();
  });

  const nodes = async () => (await cluster.json<{ items: Node[] }>("get", "nodes")).items;
  const node = (name: string) => cluster.json<Node>("get", "node", name);
  const describeNode = (name: string) => cluster.get("describe", "node", name);
  const conditionsOf = async (name: string) => (await node(name)).status?.conditions ?? [];

  it("C4-42: a new node is not ready at first", async () => {
    // Before the node that joins below leaves its traces. Events are named by their time, to the nanosecond.
    const about = "involvedObject.kind=Node,involvedObject.name=worker-1";
    const { items } = await cluster.json<{ items: Event[] }>("get", "events", "--field-selector", about);
    const order = items.map(({ metadata, reason }) => `${metadata.name} ${reason}`).sort();
    const at = (reason: string) => order.findIndex((text) => text.endsWith(` ${reason}`));
    for (const reason of ["NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID"]) {
      expect(at("NodeReady")).to.be.above(at(reason));
    }
  });

  it("C4-30: a node that joins brings its own object", async () => {
    expect((await cluster.tskube(["node", "stop", "worker-2"])).code).to.equal(0);
    const { metadata } = await node("worker-2");
    await cluster.get("delete", "node", "worker-2");
    expect((await cluster.tskube(["node", "start", "worker-2"])).code).to.equal(0);
    await eventually(() => cluster.get("wait", "node/worker-2", "--for=condition=Ready", "--timeout=20s"));
    expect((await node("worker-2")).metadata.uid).to.not.equal(metadata.uid);
  });

  it("C4-31, C4-34: the table tells state, role, age and version; the control plane keeps work away", async () => {
    const lines = (await cluster.get("get", "nodes")).split("\n");
    expect(lines[0]).to.match(/^NAME +STATUS +ROLES +AGE +VERSION$/);
    for (const [index, name] of nodeNames.entries()) {
      const role = name === "control-plane" ? "control-plane" : "<none>";
      expect(lines[index + 1]).to.match(new RegExp(`^${name} +Ready +${role} +\\S+ +v1\\.35\\.\\d+$`));
    }
    for (const { metadata, spec } of await nodes()) {
      const isControlPlane = metadata.name === "control-plane";
      const taint = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };
      expect(spec?.taints ?? []).to.deep.equal(isControlPlane ? [taint] : []);
    }
    expect(await describeNode("control-plane")).to.match(
      /^Taints: +node-role\.kubernetes\.io\/control-plane:NoSchedule$/m,
    );
    expect(await describeNode("worker-1")).to.match(/^Taints: +<none>$/m);
  });

  it("C4-32: users cordon and taint nodes", async () => {
    await cluster.get("cordon", "worker-2");
    expect(await cluster.get("get", "node", "worker-2")).to.contain("Ready,SchedulingDisabled");
    expect(await describeNode("worker-2")).to.match(/^Unschedulable: +true$/m);
    await cluster.get("uncordon", "worker-2");
    await cluster.get("taint", "node", "worker-2", "a=b:PreferNoSchedule");
    expect((await node("worker-2")).spec?.taints).to.deep.equal([{ key: "a", value: "b", effect: "PreferNoSchedule" }]);
    await cluster.get("taint", "node", "worker-2", "a:PreferNoSchedule-");
  });

  it("C4-33: every node has a range of pod addresses of its own, and its pods' addresses are from it", async () => {
    const ranges = (await nodes()).map(({ spec }) => spec?.podCIDR ?? "");
    expect(new Set(ranges).size).to.equal(3);
    for (const { spec } of await nodes()) expect(spec?.podCIDRs).to.deep.equal([spec?.podCIDR]);
    for (const range of ranges) expect(range).to.match(/^10\.244\.\d+\.0\/24$/);
    await cluster.kubectl(["apply", "-f", "-"], {
      input: podManifest("addressed", "sleep 1000", { nodeName: "worker-2" }),
    });
    await cluster.get("wait", "pod/addressed", "--for=condition=Ready", "--timeout=30s");
    const { status } = await cluster.json<Pod>("get", "pod", "addressed");
    const range = (await node("worker-2")).spec?.podCIDR ?? "";
    expect(status?.podIP).to.satisfy((ip: string) => ip.startsWith(range.replace("0/24", "")));
    await cluster.get("delete", "pod", "addressed", "--wait=false");
  });

  it("C4-35, C4-36, C4-37, C4-39: the status has addresses, amounts, the kubelet's port and what the machine is", async () => {
    for (const { metadata, status } of await nodes()) {
      expect(status?.addresses?.map(({ type }) => type)).to.deep.equal(["InternalIP", "Hostname"]);
      const amounts = ["cpu", "ephemeral-storage", "hugepages-1Gi", "hugepages-2Mi", "memory", "pods"];
      expect(Object.keys(status?.capacity ?? {}).sort()).to.deep.equal(amounts);
      expect(Object.keys(status?.allocatable ?? {}).sort()).to.deep.equal(amounts);
      expect(status?.capacity).to.include({ cpu: String(cpus().length), pods: "110" });
      expect(status?.capacity?.["memory"]).to.match(/^\d+Ki$/);
      expect(status?.capacity?.["ephemeral-storage"]).to.match(/^\d+Ki$/);
      expect(status?.daemonEndpoints).to.deep.equal({ kubeletEndpoint: { Port: 10_250 } });
      const { kubeProxyVersion, ...info } = status?.nodeInfo ?? ({} as Record<string, string>);
      expect(kubeProxyVersion).to.equal(""); // no longer told since 1.33
      for (const [name, value] of Object.entries(info)) expect(value, `${metadata.name} ${name}`).to.not.equal("");
      expect(info.containerRuntimeVersion).to.match(/^\S+:\/\/\S+$/);
    }
    const header = (await cluster.get("get", "nodes", "-o", "wide")).split("\n")[0];
    expect(header).to.match(/VERSION +INTERNAL-IP +EXTERNAL-IP +OS-IMAGE +KERNEL-VERSION +CONTAINER-RUNTIME$/);
  });

  it("C4-38: a node lists the images it has", async () => {
    await cluster.kubectl(["apply", "-f", "-"], {
      input: podManifest("imaged", "sleep 1000", { nodeName: "worker-1" }),
    });
    await eventually(async () => {
      const names = (await node("worker-1")).status?.images?.flatMap((image) => image.names ?? []);
      expect(names).to.include("docker.io/library/host:latest");
    });
    await cluster.get("delete", "pod", "imaged", "--wait=false");
  });

  it("C4-40: four conditions say how a node is", async () => {
    for (const name of nodeNames) {
      const conditions = await conditionsOf(name);
      const shown = conditions.map(({ type, status, reason, message }) => [type, status, reason, message]);
      expect(shown).to.deep.equal([
        ...pressures.map(([type, reason, message]) => [type, "False", reason, message]),
        ["Ready", "True", "KubeletReady", "kubelet is posting ready status"],
      ]);
    }
  });

  it("C4-41: heartbeats go on while transitions stay, until the kubelet falls silent", async () => {
    const before = await conditionsOf("worker-2");
    const kubelet = await cluster.pidOf("kubelet-worker-2");
    process.kill(kubelet, "SIGSTOP");
    try {
      await cluster.get("wait", "node/worker-2", "--for=condition=Ready=Unknown", "--timeout=40s");
      for (const { status, reason, message } of await conditionsOf("worker-2")) {
        expect([status, reason, message]).to.deep.equal([
          "Unknown",
          "NodeStatusUnknown",
          "Kubelet stopped posting node status.",
        ]);
      }
      expect(await cluster.get("get", "node", "worker-2")).to.contain("NotReady");
    } finally {
      process.kill(kubelet, "SIGCONT");
    }
    await cluster.get("wait", "node/worker-2", "--for=condition=Ready", "--timeout=40s");
    const ready = (conditions: readonly NodeCondition[]) => conditions.find(({ type }) => type === "Ready");
    const after = await conditionsOf("worker-2");
    expect(ready(after)?.lastTransitionTime).to.not.equal(ready(before)?.lastTransitionTime);
    expect(Date.parse(ready(after)?.lastHeartbeatTime ?? "")).to.be.above(
      Date.parse(ready(before)?.lastHeartbeatTime ?? ""),
    );
  });

  it("C4-43, C4-44: nodes are labelled and annotated by what runs them", async () => {
    for (const { metadata } of await nodes()) {
      expect(metadata.labels).to.include({
        "beta.kubernetes.io/arch": metadata.labels?.["kubernetes.io/arch"],
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/hostname": metadata.name,
        "kubernetes.io/os": "linux",
      });
      expect(metadata.annotations).to.include({
        "node.alpha.kubernetes.io/ttl": "0",
        "volumes.kubernetes.io/controller-managed-attach-detach": "true",
      });
    }
  });

  it("C4-45: a node renews its lease", async () => {
    const lease = () => cluster.json<Lease>("get", "lease", "worker-1", "-n", "kube-node-lease");
    const { spec, metadata } = await lease();
    expect(spec).to.include({ holderIdentity: "worker-1" });
    expect(spec).to.not.have.property("acquireTime");
    expect(metadata.ownerReferences?.[0]).to.include({ kind: "Node", name: "worker-1" });
    await eventually(async () => expect((await lease()).spec?.renewTime).to.not.equal(spec?.renewTime));
    expect(await describeNode("worker-1")).to.match(
      /^Lease:\n {2}HolderIdentity: +worker-1\n {2}AcquireTime: +<unset>\n {2}RenewTime: /m,
    );
  });

  it("C4-46: describe has all its sections", async () => {
    const sections = [...(await describeNode("worker-1")).matchAll(/^([A-Z][A-Za-z- ]+):/gm)].map(([, name]) => name);
    expect(sections).to.deep.equal([
      "Name",
      "Roles",
      "Labels",
      "Annotations",
      "CreationTimestamp",
      "Taints",
      "Unschedulable",
      "Lease",
      "Conditions",
      "Addresses",
      "Capacity",
      "Allocatable",
      "System Info",
      "PodCIDR",
      "PodCIDRs",
      "Non-terminated Pods",
      "Allocated resources",
      "Events",
    ]);
  });

  it("C4-47, C4-48: describe adds up what the pods of every namespace ask for", async () => {
    const containers = [
      {
        name: "main",
        image: "host",
        command: ["sleep", "1000"],
        resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "64Mi" } },
      },
    ];
    const input = podManifest("weighed", "", { nodeName: "worker-2", containers });
    await cluster.kubectl(["apply", "-n", "kube-system", "-f", "-"], { input });
    await cluster.get("wait", "-n", "kube-system", "pod/weighed", "--for=condition=Ready", "--timeout=30s");
    const text = await describeNode("worker-2");
    expect(text).to.match(/^Non-terminated Pods: +\(\d+ in total\)$/m);
    const share = Math.floor(100 / (cpus().length * 10));
    expect(text).to.match(
      new RegExp(`^ +kube-system +weighed +100m \\(${share}%\\) +0 \\(0%\\) +64Mi \\(0%\\) +64Mi \\(0%\\)`, "m"),
    );
    expect(text).to.match(/^ +Resource +Requests +Limits$/m);
    for (const resource of ["cpu", "memory", "ephemeral-storage", "hugepages-1Gi", "hugepages-2Mi"]) {
      expect(text).to.match(new RegExp(`^  ${resource} +\\S+ \\(\\d+%\\) +\\S+ \\(\\d+%\\)$`, "m"));
    }
    await cluster.get("delete", "pod", "-n", "kube-system", "weighed", "--wait=false");
  });
});

import { expect } from "chai";
import { CycleState } from "../framework/cycle-state.ts";
import type { PluginDefinition } from "../framework/handle.ts";
import { makeNodeInfo, makePodInfo, type NodeDraft, PluginBench, type PodDraft } from "../testing/index.ts";
import { nodeAffinity } from "./node-affinity/node-affinity.ts";
import { nodeName } from "./node-name/node-name.ts";
import { nodePorts } from "./node-ports/node-ports.ts";
import { nodeResourcesFit } from "./node-resources/fit.ts";
import { nodeUnschedulable } from "./node-unschedulable/node-unschedulable.ts";
import { schedulingGates } from "./scheduling-gates/scheduling-gates.ts";
import { taintToleration } from "./taint-toleration/taint-toleration.ts";

interface Case {
  readonly says: string;
  readonly plugin: PluginDefinition;
  readonly pod: PodDraft;
  readonly node?: NodeDraft;
  readonly others?: readonly PodDraft[];
  /** Empty: the pod may go there. */
  readonly reason: string;
  readonly args?: unknown;
}

const zoneTerm = (operator: string, values?: string[]) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "zone", operator, ...(values && { values }) }] }],
      },
    },
  },
});
const hostPort = (port: number, hostIP?: string) => ({
  containers: [{ name: "a", ports: [{ containerPort: 80, hostPort: port, ...(hostIP && { hostIP }) }] }],
});
const mismatch = "node(s) didn't match Pod's node affinity/selector";
const portTaken = "node(s) didn't have free ports for the requested pod ports";
const tainted = "node(s) had untolerated taint(s)";
const taints = [{ key: "dedicated", value: "db", effect: "NoSchedule" }];

const cases: readonly Case[] = [
  {
    says: "a cordoned node takes nobody",
    plugin: nodeUnschedulable,
    pod: {},
    node: { spec: { unschedulable: true } },
    reason: "node(s) were unschedulable",
  },
  {
    says: "a cordoned node takes who tolerates that",
    plugin: nodeUnschedulable,
    pod: { spec: { tolerations: [{ operator: "Exists" }] } },
    node: { spec: { unschedulable: true } },
    reason: "",
  },
  {
    says: "a pod that names another node stays away",
    plugin: nodeName,
    pod: { spec: { nodeName: "n2" } },
    reason: "node(s) didn't match the requested node name",
  },
  { says: "a taint keeps pods off", plugin: taintToleration, pod: {}, node: { spec: { taints } }, reason: tainted },
  {
    says: "a toleration of key and value lets in",
    plugin: taintToleration,
    pod: { spec: { tolerations: [{ key: "dedicated", value: "db" }] } },
    node: { spec: { taints } },
    reason: "",
  },
  {
    says: "a toleration of another value does not",
    plugin: taintToleration,
    pod: { spec: { tolerations: [{ key: "dedicated", value: "web" }] } },
    node: { spec: { taints } },
    reason: tainted,
  },
  {
    says: "a toleration of another effect does not",
    plugin: taintToleration,
    pod: { spec: { tolerations: [{ operator: "Exists", effect: "NoExecute" }] } },
    node: { spec: { taints } },
    reason: tainted,
  },
  {
    says: "a soft taint keeps nobody off",
    plugin: taintToleration,
    pod: {},
    node: { spec: { taints: [{ key: "a", effect: "PreferNoSchedule" }] } },
    reason: "",
  },
  {
    says: "a node selector must match",
    plugin: nodeAffinity,
    pod: { spec: { nodeSelector: { disk: "ssd" } } },
    reason: mismatch,
  },
  {
    says: "a matching node selector lets in",
    plugin: nodeAffinity,
    pod: { spec: { nodeSelector: { disk: "ssd" } } },
    node: { labels: { disk: "ssd" } },
    reason: "",
  },
  {
    says: "In wants one of its values",
    plugin: nodeAffinity,
    pod: { spec: zoneTerm("In", ["a"]) },
    node: { labels: { zone: "b" } },
    reason: mismatch,
  },
  {
    says: "NotIn takes nodes without the label",
    plugin: nodeAffinity,
    pod: { spec: zoneTerm("NotIn", ["a"]) },
    reason: "",
  },
  { says: "Exists wants the label", plugin: nodeAffinity, pod: { spec: zoneTerm("Exists") }, reason: mismatch },
  {
    says: "Gt compares numbers",
    plugin: nodeAffinity,
    pod: { spec: zoneTerm("Gt", ["9"]) },
    node: { labels: { zone: "10" } },
    reason: "",
  },
  {
    says: "an added affinity counts for every pod",
    plugin: nodeAffinity,
    pod: {},
    args: { addedAffinity: zoneTerm("In", ["a"]).affinity.nodeAffinity },
    reason: "node(s) didn't match scheduler-enforced node affinity",
  },
  {
    says: "a host port is had once",
    plugin: nodePorts,
    pod: { spec: hostPort(80) },
    others: [{ name: "o", spec: hostPort(80) }],
    reason: portTaken,
  },
  {
    says: "the same port on two addresses is two",
    plugin: nodePorts,
    pod: { spec: hostPort(80, "10.0.0.1") },
    others: [{ name: "o", spec: hostPort(80, "10.0.0.2") }],
    reason: "",
  },
  {
    says: "any address includes each",
    plugin: nodePorts,
    pod: { spec: hostPort(80, "10.0.0.1") },
    others: [{ name: "o", spec: hostPort(80) }],
    reason: portTaken,
  },
  {
    says: "what is free is enough",
    plugin: nodeResourcesFit,
    pod: { requests: { cpu: "1" } },
    others: [{ name: "o", requests: { cpu: "3" } }],
    reason: "",
  },
  {
    says: "everything that lacks is told",
    plugin: nodeResourcesFit,
    pod: { requests: { cpu: "2", memory: "9Gi", "nvidia.com/gpu": "1" } },
    others: [{ name: "o", requests: { cpu: "3" } }],
    reason: "Insufficient cpu, Insufficient memory, Insufficient nvidia.com/gpu",
  },
  {
    says: "a node takes so many pods",
    plugin: nodeResourcesFit,
    pod: {},
    node: { allocatable: { cpu: "1", memory: "1Gi", pods: "1" } },
    others: [{ name: "o" }],
    reason: "Too many pods",
  },
  {
    says: "ignored resources are not looked at",
    plugin: nodeResourcesFit,
    pod: { requests: { "example.com/a": "1" } },
    args: { ignoredResourceGroups: ["example.com"] },
    reason: "",
  },
];

describe("filter plugins", () => {
  for (const { says, plugin, pod, node, others = [], reason, args } of cases) {
    it(`${plugin.name}: ${says}`, () => {
      const nodeInfo = makeNodeInfo("n1", node, others.map(makePodInfo));
      const verdicts = new PluginBench([plugin], [nodeInfo], args).verdicts(makePodInfo(pod));
      expect(Object.values(verdicts)).to.deep.equal([reason]);
    });
  }

  it("NodeAffinity: terms by name narrow the search to those nodes", () => {
    const nodes = [makeNodeInfo("n1"), makeNodeInfo("n2")];
    const spec = {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["n2"] }] }],
          },
        },
      },
    };
    expect(new PluginBench([nodeAffinity], nodes).verdicts(makePodInfo({ spec }))).to.deep.equal({ n2: "" });
  });

  it("NodeResourcesFit: more than a whole node has is beyond preemption", () => {
    const bench = new PluginBench([nodeResourcesFit], [makeNodeInfo("n1")]);
    const codeFor = (cpu: string) => {
      const [node] = bench.snapshot.nodes;
      return node && bench.profile.filter(new CycleState(), makePodInfo({ requests: { cpu } }), node)?.code;
    };
    expect(codeFor("5")).to.equal("UnschedulableAndUnresolvable");
  });

  it("SchedulingGates: names the gates a pod waits for", () => {
    const bench = new PluginBench([schedulingGates], []);
    const pod = makePodInfo({ spec: { schedulingGates: [{ name: "quota" }, { name: "license" }] } });
    expect(bench.profile.preEnqueue(pod)).to.include({ plugin: "SchedulingGates" });
    expect(bench.profile.preEnqueue(pod)?.reasons).to.deep.equal(["waiting for scheduling gates: [quota license]"]);
  });
});

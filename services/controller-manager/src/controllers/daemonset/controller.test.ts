import type { DaemonSet, Pod } from "@tskube/api";
import { kinds } from "@tskube/client";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { aNode } from "../../testing/objects.ts";
import { daemonSetController } from "./controller.ts";
import { targetNodeOf } from "./node-fit.ts";

function aDaemonSet(spec: Partial<DaemonSet["spec"]> = {}): DaemonSet {
  const labels = { app: "agent" };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "agent", namespace: "default", generation: 1 },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "agent:1" }] } },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      ...spec,
    },
  };
}

describe("the daemon set controller", () => {
  let t: ControllerTest;
  beforeEach(() => {
    t = controllerTest();
  });
  afterEach(() => t.stop());

  const start = () => t.start(daemonSetController(1));
  const pods = () => t.api.store.list(kinds.Pod).map((pod) => pod as unknown as Pod);
  const places = () => pods().map(targetNodeOf).sort();
  const images = () => pods().map(({ spec }) => spec.containers[0]?.image);
  const status = async () => (await t.deps.client.daemonsets("default").get("agent")).status;
  const setPhase = (pod: Pod, phase: string, ready = phase === "Running") =>
    t.api.change("Pod", `default/${pod.metadata.name}`, (one) => {
      const lastTransitionTime = new Date(t.clock.now()).toISOString();
      one.spec.nodeName = targetNodeOf(one);
      one.status = { phase, conditions: [{ type: "Ready", status: ready ? "True" : "False", lastTransitionTime }] };
    });
  /** What kubelets do with pods that are to go. */
  const endDeleted = async () => {
    for (const { metadata } of pods())
      if (metadata.deletionTimestamp) t.api.remove(kinds.Pod, `default/${metadata.name}`);
    await t.settle();
  };
  const runAll = async () => {
    await endDeleted();
    for (const pod of pods()) setPhase(pod, "Running");
    await t.settle();
    await endDeleted();
  };
  const changeImage = (image: string) =>
    t.api.change("DaemonSet", "default/agent", ({ spec }) => {
      const [container] = spec.template.spec?.containers ?? [];
      if (container) container.image = image;
    });

  it("puts a pod on every node that fits, and on nodes that come", async () => {
    for (const name of ["a", "b"]) t.api.seed("Node", aNode(name));
    t.api.seed("Node", aNode("tainted", "True", { taints: [{ key: "x", effect: "NoSchedule" }] }));
    t.api.seed("DaemonSet", aDaemonSet());
    await start();
    expect(places()).to.deep.equal(["a", "b"]);
    t.api.seed("Node", aNode("c", "False", { taints: [{ key: "node.kubernetes.io/not-ready", effect: "NoExecute" }] }));
    await t.settle();
    expect(places()).to.deep.equal(["a", "b", "c"]);
    expect(await status()).to.deep.include({ desiredNumberScheduled: 3, currentNumberScheduled: 3, numberReady: 0 });
  });

  it("follows the node selector, and leaves a node that no longer fits", async () => {
    t.api.seed("Node", { ...aNode("a"), metadata: { name: "a", labels: { disk: "ssd" } } });
    t.api.seed("Node", aNode("b"));
    const set = aDaemonSet();
    t.api.seed("DaemonSet", {
      ...set,
      spec: {
        ...set.spec,
        template: { ...set.spec.template, spec: { containers: [], nodeSelector: { disk: "ssd" } } },
      },
    });
    await start();
    expect(places()).to.deep.equal(["a"]);
    t.api.change("Node", "a", ({ metadata }) => {
      metadata.labels = {};
    });
    await t.settle();
    expect(places()).to.deep.equal([]);
  });

  it("replaces a failed pod at once and the next one after a wait", async () => {
    t.api.seed("Node", aNode("a"));
    t.api.seed("DaemonSet", aDaemonSet());
    await start();
    const [first] = pods();
    if (first) setPhase(first, "Failed");
    await t.settle();
    await endDeleted();
    const [second] = pods();
    expect(second?.metadata.name).not.to.equal(first?.metadata.name);
    expect(t.deps.events.lines.some((line) => line.includes("FailedDaemonPod"))).to.equal(true);
    if (second) setPhase(second, "Failed");
    await t.settle();
    expect(pods()[0]?.metadata.name).to.equal(second?.metadata.name);
    await t.settle(1_100);
    await endDeleted();
    expect(pods()[0]?.metadata.name).not.to.equal(second?.metadata.name);
  });

  it("replaces pods of an older template one after another", async () => {
    for (const name of ["a", "b"]) t.api.seed("Node", aNode(name));
    t.api.seed("DaemonSet", aDaemonSet());
    await start();
    await runAll();
    changeImage("agent:2");
    await t.settle();
    await endDeleted();
    expect(images().sort()).to.deep.equal(["agent:1", "agent:2"]);
    await t.settle(60_000);
    expect(images().sort()).to.deep.equal(["agent:1", "agent:2"]);
    await runAll();
    expect(images()).to.deep.equal(["agent:2", "agent:2"]);
    await runAll();
    expect(await status()).to.deep.include({ updatedNumberScheduled: 2, numberAvailable: 2 });
    expect(t.api.store.list(kinds.ControllerRevision)).to.have.length(2);
  });

  it("starts the new pod first where pods may surge", async () => {
    t.api.seed("Node", aNode("a"));
    const updateStrategy = { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
    t.api.seed("DaemonSet", aDaemonSet({ updateStrategy }));
    await start();
    await runAll();
    changeImage("agent:2");
    await t.settle();
    await endDeleted();
    expect(images().sort()).to.deep.equal(["agent:1", "agent:2"]);
    await runAll();
    expect(images()).to.deep.equal(["agent:2"]);
  });

  it("leaves pods to be deleted by people when asked to", async () => {
    t.api.seed("Node", aNode("a"));
    t.api.seed("DaemonSet", aDaemonSet({ updateStrategy: { type: "OnDelete" } }));
    await start();
    await runAll();
    changeImage("agent:2");
    await t.settle();
    expect(images()).to.deep.equal(["agent:1"]);
    t.api.remove(kinds.Pod, `default/${pods()[0]?.metadata.name}`);
    await t.settle();
    expect(images()).to.deep.equal(["agent:2"]);
  });
});

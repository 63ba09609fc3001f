import type { PodDisruptionBudget } from "@tskube/api";
import { formatTime } from "@tskube/apimachinery";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { aDeployment, aPod, aReplicaSet } from "../../testing/objects.ts";
import { disruptionController } from "./controller.ts";

const ownedBy = (apiVersion: string, kind: string, name: string) => ({
  ownerReferences: [{ apiVersion, kind, name, uid: name, controller: true }],
});

describe("the disruption controller", () => {
  let t: ControllerTest;
  beforeEach(() => {
    t = controllerTest();
  });
  afterEach(() => t.stop());

  const start = (spec: PodDisruptionBudget["spec"], status?: PodDisruptionBudget["status"]) => {
    t.api.seed("PodDisruptionBudget", {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "web", namespace: "default", generation: 1 },
      spec: { selector: { matchLabels: { app: "web" } }, ...spec },
      ...(status && { status }),
    });
    return t.start(disruptionController);
  };
  const status = async () => (await t.deps.client.poddisruptionbudgets("default").get("web")).status;
  const pods = (count: number, ready: number, owner?: ReturnType<typeof ownedBy>) => {
    for (let i = 0; i < count; i++)
      t.api.seed("Pod", aPod(`web-${i}`, { ready: i < ready, ...(owner && { metadata: owner }) }));
  };

  it("allows what is healthy beyond a number to keep, and follows changes", async () => {
    pods(3, 3);
    await start({ minAvailable: 2 });
    expect(await status()).to.deep.include({
      disruptionsAllowed: 1,
      currentHealthy: 3,
      desiredHealthy: 2,
      expectedPods: 3,
      observedGeneration: 1,
    });
    expect((await status())?.conditions?.[0]).to.include({
      type: "DisruptionAllowed",
      status: "True",
      reason: "SufficientPods",
    });
    t.api.change("Pod", "default/web-0", (pod) => {
      pod.status = { phase: "Running", conditions: [] };
    });
    await t.settle();
    expect(await status()).to.include({ disruptionsAllowed: 0, currentHealthy: 2 });
    expect((await status())?.conditions?.[0]).to.include({ status: "False", reason: "InsufficientPods" });
  });

  it("takes shares of what the deployment wants, though a rollout has split its pods", async () => {
    t.api.seed("Deployment", {
      ...aDeployment({ replicas: 4 }),
      metadata: { name: "web", namespace: "default", uid: "web" },
    });
    for (const name of ["old", "new"]) {
      const set = aReplicaSet(name, 2);
      t.api.seed("ReplicaSet", { ...set, metadata: { ...set.metadata, ...ownedBy("apps/v1", "Deployment", "web") } });
      t.api.seed("Pod", aPod(`${name}-0`, { ready: true, metadata: ownedBy("apps/v1", "ReplicaSet", name) }));
    }
    await start({ maxUnavailable: "75%" });
    expect(await status()).to.deep.include({ expectedPods: 4, desiredHealthy: 1, disruptionsAllowed: 1 });
  });

  it("counts an allowed eviction as done until the pod goes, or for two minutes", async () => {
    pods(3, 3);
    const disruptedPods = { "web-0": formatTime(t.clock.now()) };
    const before = { disruptionsAllowed: 0, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3, disruptedPods };
    await start({ minAvailable: 2 }, before);
    expect(await status()).to.deep.include({ disruptionsAllowed: 0, currentHealthy: 2, disruptedPods });
    await t.settle(121_000);
    expect(await status()).to.include({ disruptionsAllowed: 1, currentHealthy: 3 });
    expect(t.deps.events.lines.some((line) => line.startsWith("Warning NotDeleted default/web-0"))).to.equal(true);
  });

  it("says that shares of pods without owners mean nothing", async () => {
    pods(2, 2);
    await start({ minAvailable: "50%" });
    expect(t.deps.events.lines.some((line) => line.startsWith("Warning UnmanagedPods"))).to.equal(true);
    expect(await status()).to.include({ expectedPods: 0, disruptionsAllowed: 0 });
  });

  it("withdraws the announcement of an eviction that did not happen", async () => {
    const pod = aPod("web-0", { ready: true });
    const announced = { type: "DisruptionTarget", status: "True", lastTransitionTime: formatTime(t.clock.now()) };
    t.api.seed("Pod", { ...pod, status: { ...pod.status, conditions: [announced] } });
    await t.start(disruptionController);
    await t.settle(119_000);
    expect(t.api.writes()).to.deep.equal([]);
    await t.settle(1_000);
    expect(t.api.writes()).to.deep.equal(["patch pods/status default/web-0"]);
  });
});

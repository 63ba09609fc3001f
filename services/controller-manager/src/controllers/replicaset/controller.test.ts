import type { Pod } from "@tskube/api";
import { forbidden } from "@tskube/apimachinery";
import { kinds } from "@tskube/client";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { aPod, aReplicaSet } from "../../testing/objects.ts";
import { replicaSetController } from "./controller.ts";

describe("the replica set controller", () => {
  let t: ControllerTest;
  beforeEach(() => {
    t = controllerTest();
  });
  afterEach(() => t.stop());

  const seed = (replicas: number) => t.api.seed("ReplicaSet", { ...aReplicaSet("web", replicas), status: undefined });
  const start = () => t.start(replicaSetController(1));
  const pods = () => t.api.store.list(kinds.Pod).map((pod) => pod as unknown as Pod);
  const status = async () => (await t.deps.client.replicasets("default").get("web")).status;

  it("creates what is missing and tells of each", async () => {
    seed(3);
    await start();
    expect(pods()).to.have.length(3);
    expect(pods()[0]?.metadata.ownerReferences?.[0]).to.include({
      kind: "ReplicaSet",
      name: "web",
      controller: true,
      blockOwnerDeletion: true,
    });
    expect(t.deps.events.lines).to.have.length(3);
    expect(t.deps.events.lines[0]).to.match(/^Normal SuccessfulCreate default\/web: Created pod: web-/);
    expect(await status()).to.deep.include({ replicas: 3, fullyLabeledReplicas: 3, observedGeneration: 1 });
  });

  it("adopts orphans that fit before it creates others", async () => {
    t.api.seed("Pod", aPod("orphan"));
    seed(1);
    await start();
    expect(pods().map(({ metadata }) => metadata.name)).to.deep.equal(["orphan"]);
    expect(pods()[0]?.metadata.ownerReferences).to.have.length(1);
  });

  it("lets go of a pod that no longer fits, and replaces it", async () => {
    seed(1);
    await start();
    const [pod] = pods();
    t.api.change("Pod", `default/${pod?.metadata.name}`, ({ metadata }) => {
      metadata.labels = { app: "other" };
    });
    await t.settle();
    expect(pods()).to.have.length(2);
    expect(
      pods().find(({ metadata }) => metadata.labels?.app === "other")?.metadata.ownerReferences ?? [],
    ).to.have.length(0);
  });

  it("deletes what is too much", async () => {
    seed(3);
    await start();
    t.api.change("ReplicaSet", "default/web", ({ spec }) => {
      spec.replicas = 1;
    });
    await t.settle();
    expect(pods()).to.have.length(1);
    expect(t.deps.events.lines.filter((line) => line.includes("SuccessfulDelete"))).to.have.length(2);
  });

  it("tells in its conditions why it cannot create pods, and withdraws that", async () => {
    const allow = t.api.react(({ verb, resource }) => {
      if (verb === "create" && resource === "pods") throw forbidden({ group: "", resource: "pods" }, "", "quota");
    });
    seed(2);
    await start();
    const failure = (await status())?.conditions?.[0];
    expect(failure).to.include({ type: "ReplicaFailure", status: "True", reason: "FailedCreate" });
    expect(t.deps.events.lines[0]).to.match(/^Warning FailedCreate default\/web: Error creating: /);
    allow();
    await t.settle(60_000);
    expect((await status())?.conditions ?? []).to.deep.equal([]);
    expect(pods()).to.have.length(2);
  });

  it("counts a pod as available after its minimum ready time", async () => {
    t.api.seed("ReplicaSet", {
      ...aReplicaSet("web", 1),
      status: undefined,
      spec: { ...aReplicaSet("web", 1).spec, minReadySeconds: 10 },
    });
    await start();
    t.api.change("Pod", `default/${pods()[0]?.metadata.name}`, (pod) => {
      const lastTransitionTime = new Date(t.clock.now()).toISOString();
      pod.status = { phase: "Running", conditions: [{ type: "Ready", status: "True", lastTransitionTime }] };
    });
    await t.settle();
    expect(await status()).to.include({ readyReplicas: 1 });
    expect((await status())?.availableReplicas).to.equal(undefined);
    await t.settle(11_000);
    expect((await status())?.availableReplicas).to.equal(1);
  });
});

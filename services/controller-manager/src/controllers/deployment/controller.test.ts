import type { ReplicaSet } from "@tskube/api";
import { kinds } from "@tskube/client";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { aDeployment } from "../../testing/objects.ts";
import { deploymentController } from "./controller.ts";

describe("the deployment controller", () => {
  let t: ControllerTest;
  beforeEach(() => {
    t = controllerTest();
  });
  afterEach(() => t.stop());

  const start = () => t.start(deploymentController(1));
  const get = () => t.deps.client.deployments("default").get("web");
  const sets = () => t.api.store.list(kinds.ReplicaSet).map((set) => set as unknown as ReplicaSet);
  const sizes = () => sets().map(({ spec }) => spec.replicas);

  /** Plays the ReplicaSet controller: all pods are there and available. */
  async function fulfil(): Promise<void> {
    for (const { metadata, spec } of sets()) {
      t.api.change("ReplicaSet", `default/${metadata.name}`, (set) => {
        const { replicas = 0 } = spec;
        set.status = {
          replicas,
          readyReplicas: replicas,
          availableReplicas: replicas,
          observedGeneration: metadata.generation ?? 0,
        };
      });
    }
    await t.settle();
  }

  it("creates a set named by the template's hash and tells when it is complete", async () => {
    t.api.seed("Deployment", aDeployment());
    await start();
    const [set] = sets();
    const hash = set?.metadata.labels?.["pod-template-hash"];
    expect(set?.metadata.name).to.equal(`web-${hash}`);
    expect(set?.spec.selector?.matchLabels).to.deep.equal({ app: "web", "pod-template-hash": hash });
    const { annotations, generation } = (await get()).metadata;
    expect(annotations).to.deep.equal({ "deployment.kubernetes.io/revision": "1" });
    expect(generation, "the revision is no new wish").to.equal(aDeployment().metadata.generation);
    await fulfil();
    const { status } = await get();
    expect(status?.availableReplicas).to.equal(4);
    expect(status?.conditions?.map(({ type, reason, message }) => `${type} ${reason} ${message}`)).to.deep.equal([
      "Available MinimumReplicasAvailable Deployment has minimum availability.",
      `Progressing NewReplicaSetAvailable ReplicaSet "web-${hash}" has successfully progressed.`,
    ]);
    expect(t.deps.events.lines).to.deep.equal([
      `Normal ScalingReplicaSet default/web: Scaled up replica set web-${hash} from 0 to 4`,
    ]);
  });

  it("rolls from the old template to the new one and counts revisions", async () => {
    t.api.seed("Deployment", aDeployment());
    await start();
    await fulfil();
    t.api.change("Deployment", "default/web", ({ metadata, spec }) => {
      metadata.generation = 2;
      spec.template = { ...spec.template, spec: { containers: [{ name: "c", image: "app:2" }] } };
    });
    await t.settle();
    for (let round = 0; round < 8; round++) await fulfil();
    expect(sizes()).to.have.members([0, 4]);
    expect((await get()).metadata.annotations?.["deployment.kubernetes.io/revision"]).to.equal("2");
  });

  it("waits with the new pods until the old are gone when it recreates", async () => {
    t.api.seed("Deployment", aDeployment({ strategy: { type: "Recreate" } }));
    await start();
    await fulfil();
    t.api.change("Deployment", "default/web", ({ spec }) => {
      spec.template = { ...spec.template, spec: { containers: [{ name: "c", image: "app:2" }] } };
    });
    await t.settle();
    expect(sizes()).to.deep.equal([0]);
    await fulfil();
    expect(sizes()).to.have.members([0, 4]);
  });

  it("says that a rollout stands still once its deadline is over", async () => {
    t.api.seed("Deployment", aDeployment({ progressDeadlineSeconds: 10 }));
    await start();
    await t.settle(12_000);
    const progressing = (await get()).status?.conditions?.find(({ type }) => type === "Progressing");
    expect(progressing).to.include({ status: "False", reason: "ProgressDeadlineExceeded" });
  });

  it("does not roll out while paused, but scales", async () => {
    t.api.seed("Deployment", aDeployment());
    await start();
    await fulfil();
    t.api.change("Deployment", "default/web", ({ spec }) => {
      spec.paused = true;
      spec.replicas = 6;
      spec.template = { ...spec.template, spec: { containers: [{ name: "c", image: "app:2" }] } };
    });
    await t.settle();
    expect(sizes()).to.deep.equal([6]);
    const progressing = (await get()).status?.conditions?.find(({ type }) => type === "Progressing");
    expect(progressing).to.include({ status: "Unknown", reason: "DeploymentPaused" });
  });

  it("keeps as many old sets as the history allows", async () => {
    t.api.seed("Deployment", aDeployment({ revisionHistoryLimit: 1 }));
    await start();
    for (const version of [1, 2, 3]) {
      t.api.change("Deployment", "default/web", ({ spec }) => {
        spec.template = { ...spec.template, spec: { containers: [{ name: "c", image: `app:${version}` }] } };
      });
      await t.settle();
      for (let round = 0; round < 8; round++) await fulfil();
    }
    expect(sizes()).to.have.members([0, 4]);
  });
});

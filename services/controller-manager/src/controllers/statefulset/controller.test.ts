import type { PersistentVolumeClaim, Pod, StatefulSet } from "@tskube/api";
import { kinds } from "@tskube/client";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { statefulSetController } from "./controller.ts";

function aStatefulSet(spec: Partial<StatefulSet["spec"]> = {}): StatefulSet {
  const labels = { app: "db" };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "db", namespace: "default", generation: 1 },
    spec: {
      replicas: 2,
      serviceName: "db",
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "db:1" }] } },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
      ...spec,
    },
  };
}

describe("the stateful set controller", () => {
  let t: ControllerTest;
  beforeEach(() => {
    t = controllerTest();
  });
  afterEach(() => t.stop());

  const start = (spec: Partial<StatefulSet["spec"]> = {}) => {
    t.api.seed("StatefulSet", aStatefulSet(spec));
    return t.start(statefulSetController(1));
  };
  const pods = () => t.api.store.list(kinds.Pod).map((pod) => pod as unknown as Pod);
  const names = () => pods().map(({ metadata }) => metadata.name);
  const images = () =>
    Object.fromEntries(pods().map(({ metadata, spec }) => [metadata.name, spec.containers[0]?.image]));
  const claims = () =>
    t.api.store.list(kinds.PersistentVolumeClaim).map((one) => one as unknown as PersistentVolumeClaim);
  const status = async () => (await t.deps.client.statefulsets("default").get("db")).status;
  const change = (edit: (spec: StatefulSet["spec"]) => void) =>
    t.api.change("StatefulSet", "default/db", ({ spec }) => edit(spec));
  const setPhase = async (name: string, phase: string) => {
    t.api.change("Pod", `default/${name}`, (pod) => {
      pod.status = { phase, conditions: [{ type: "Ready", status: phase === "Running" ? "True" : "False" }] };
    });
    await t.settle();
  };
  /** Pods come up one after another until nothing new comes. */
  const runAll = async () => {
    for (let i = 0; i < 8; i++) {
      const waiting = pods().find(({ status }) => status?.phase !== "Running");
      if (waiting) await setPhase(waiting.metadata.name, "Running");
    }
  };
  const setImage = (image: string) =>
    change(({ template }) => {
      const [container] = template.spec?.containers ?? [];
      if (container) container.image = image;
    });

  it("starts pods in order, each when the one before is ready", async () => {
    await start();
    expect(names()).to.deep.equal(["db-0"]);
    await setPhase("db-0", "Running");
    expect(names()).to.deep.equal(["db-0", "db-1"]);
    expect(pods()[1]?.spec).to.deep.include({ hostname: "db-1", subdomain: "db" });
    expect(pods()[1]?.metadata.labels).to.include({
      "statefulset.kubernetes.io/pod-name": "db-1",
      "apps.kubernetes.io/pod-index": "1",
    });
    expect(t.deps.events.lines[0]).to.equal(
      "Normal SuccessfulCreate default/db: create Pod db-0 in StatefulSet db successful",
    );
    await runAll();
    expect(await status()).to.deep.include({ replicas: 2, readyReplicas: 2, currentReplicas: 2, availableReplicas: 2 });
  });

  it("starts all at once when parallel", async () => {
    await start({ replicas: 3, podManagementPolicy: "Parallel" });
    expect(names()).to.deep.equal(["db-0", "db-1", "db-2"]);
  });

  it("counts from another number when asked to", async () => {
    await start({ ordinals: { start: 5 }, podManagementPolicy: "Parallel" });
    expect(names()).to.deep.equal(["db-5", "db-6"]);
  });

  it("shrinks from the highest number, one at a time", async () => {
    await start({ replicas: 3 });
    await runAll();
    change((spec) => {
      spec.replicas = 1;
    });
    await t.settle();
    expect(names()).to.deep.equal(["db-0"]);
    const deleted = t.api.writes().filter((line) => line.startsWith("delete pods"));
    expect(deleted).to.deep.equal(["delete pods default/db-2", "delete pods default/db-1"]);
  });

  it("makes a failed pod again under the same name", async () => {
    await start({ replicas: 1 });
    const uid = pods()[0]?.metadata.uid;
    await setPhase("db-0", "Failed");
    expect(names()).to.deep.equal(["db-0"]);
    expect(pods()[0]?.metadata.uid).not.to.equal(uid);
    expect(t.deps.events.lines.some((line) => line.startsWith("Warning RecreatingFailedPod"))).to.equal(true);
  });

  it("updates from the highest number down, each when the one above is ready", async () => {
    await start();
    await runAll();
    const before = (await status())?.currentRevision;
    setImage("db:2");
    await t.settle();
    expect(images()).to.deep.equal({ "db-0": "db:1", "db-1": "db:2" });
    expect(await status()).to.deep.include({ currentRevision: before, updatedReplicas: 1, currentReplicas: 1 });
    await runAll();
    expect(images()).to.deep.equal({ "db-0": "db:2", "db-1": "db:2" });
    const after = await status();
    expect(after?.currentRevision).to.equal(after?.updateRevision).and.not.to.equal(before);
  });

  it("leaves the numbers below the partition at the revision they have, also when one is made again", async () => {
    await start({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } });
    await runAll();
    setImage("db:2");
    await t.settle();
    await runAll();
    t.api.remove(kinds.Pod, "default/db-0");
    await t.settle();
    expect(images()).to.deep.equal({ "db-0": "db:1", "db-1": "db:2" });
  });

  it("gives each pod claims of its own, which stay when it goes", async () => {
    const template = { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"] } } as PersistentVolumeClaim;
    await start({ volumeClaimTemplates: [template] });
    await runAll();
    expect(claims().map(({ metadata }) => metadata.name)).to.deep.equal(["data-db-0", "data-db-1"]);
    expect(pods()[0]?.spec.volumes).to.deep.include({
      name: "data",
      persistentVolumeClaim: { claimName: "data-db-0" },
    });
    change((spec) => {
      spec.replicas = 0;
    });
    await t.settle();
    expect(claims()).to.have.length(2);
    expect(claims()[0]?.metadata.ownerReferences ?? []).to.deep.equal([]);
  });

  it("lets claims go with the set, or with pods that are scaled away, where the policy says so", async () => {
    const template = { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"] } } as PersistentVolumeClaim;
    const policy = { whenDeleted: "Delete", whenScaled: "Delete" };
    await start({ volumeClaimTemplates: [template], persistentVolumeClaimRetentionPolicy: policy });
    await runAll();
    expect(claims()[1]?.metadata.ownerReferences?.[0]).to.include({ kind: "StatefulSet", name: "db" });
    change((spec) => {
      spec.replicas = 1;
    });
    await t.settle();
    expect(claims()[1]?.metadata.ownerReferences?.[0]).to.include({ kind: "Pod", name: "db-1" });
    expect(claims()[0]?.metadata.ownerReferences?.[0]).to.include({ kind: "StatefulSet" });
  });
});

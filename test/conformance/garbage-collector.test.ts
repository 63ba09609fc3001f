import type { Deployment, ObjectMeta, Pod, ReplicationController } from "@tskube/api";
import { isNotFound } from "@tskube/apimachinery";
import { expect } from "chai";
import { eventually } from "../framework/eventually.ts";
import { type ControlledApi, openControlled } from "./open-controlled.ts";

const podSpec = { containers: [{ name: "nginx", image: "nginx" }] };

function replicationController(name: string, replicas: number): Pick<ReplicationController, "metadata" | "spec"> {
  const labels = { "gctest-rc": name };
  return {
    metadata: { name },
    spec: { replicas, selector: labels, template: { metadata: { labels }, spec: podSpec } },
  };
}

function deployment(name: string): Pick<Deployment, "metadata" | "spec"> {
  const labels = { "gctest-deployment": name };
  const template = { metadata: { labels }, spec: podSpec };
  return { metadata: { name }, spec: { replicas: 2, selector: { matchLabels: labels }, template } };
}

describe("conformance: the garbage collector", function () {
  this.timeout(60_000);
  let api: ControlledApi;
  before(async () => {
    api = await openControlled();
  });
  after(() => api.close());

  /** A namespace of the test's own, and what is asked of it. */
  async function setUp(namespace: string) {
    await api.namespace(namespace);
    const { client } = api;
    const [rcs, pods] = [client.replicationcontrollers(namespace), client.pods(namespace)];
    const [deployments, replicaSets] = [client.deployments(namespace), client.replicasets(namespace)];
    const podsOf = async (rc: string) => (await pods.list({ labelSelector: `gctest-rc=${rc}` })).items;
    return {
      rcs,
      pods,
      deployments,
      replicaSets,
      podsOf,
      async runningRc(name: string, replicas: number): Promise<ReplicationController> {
        await rcs.create(replicationController(name, replicas));
        return eventually(async () => {
          const rc = await rcs.get(name);
          expect(rc.status?.replicas).to.equal(replicas);
          expect(await podsOf(name)).to.have.length(replicas);
          return rc;
        });
      },
      async deploymentWithReplicaSet(name: string): Promise<void> {
        await deployments.create(deployment(name));
        await eventually(async () => expect((await replicaSets.list()).items).to.have.length(1));
      },
    };
  }

  const isGone = (get: () => Promise<unknown>) =>
    eventually(async () => {
      const found = await get().catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
      expect(found).to.equal(undefined);
    });
  const ownersOf = ({ metadata }: { metadata: ObjectMeta }) => (metadata.ownerReferences ?? []).map(({ name }) => name);
  const referenceTo = ({ metadata }: Pod | ReplicationController, kind: string, blockOwnerDeletion?: boolean) => ({
    apiVersion: "v1",
    kind,
    name: metadata.name ?? "",
    uid: metadata.uid ?? "",
    ...(blockOwnerDeletion && { blockOwnerDeletion }),
  });

  it("[sig-api-machinery] Garbage collector should delete pods created by rc when not orphaning [Conformance]", async () => {
    const { rcs, pods, runningRc } = await setUp("gc-rc-delete");
    const { metadata } = await runningRc("simpletest", 2);
    await rcs.delete("simpletest", {
      propagationPolicy: "Background",
      preconditions: { uid: metadata.uid as string },
    });
    await isGone(() => rcs.get("simpletest"));
    await eventually(async () => expect((await pods.list()).items).to.have.length(0));
  });

  it("[sig-api-machinery] Garbage collector should orphan pods created by rc if delete options say so [Conformance] [Serial]", async () => {
    const { rcs, podsOf, runningRc } = await setUp("gc-rc-orphan");
    await runningRc("orphaning", 20);
    await rcs.delete("orphaning", { propagationPolicy: "Orphan" });
    await isGone(() => rcs.get("orphaning"));
    const left = await podsOf("orphaning");
    expect(left).to.have.length(20);
    for (const pod of left) {
      expect(ownersOf(pod)).to.deep.equal([]);
      expect(pod.metadata.deletionTimestamp).to.equal(undefined);
    }
  });

  it("[sig-api-machinery] Garbage collector should delete RS created by deployment when not orphaning [Conformance]", async () => {
    const { deployments, replicaSets, deploymentWithReplicaSet } = await setUp("gc-deployment-delete");
    await deploymentWithReplicaSet("simple");
    await deployments.delete("simple", { propagationPolicy: "Background" });
    await isGone(() => deployments.get("simple"));
    await eventually(async () => expect((await replicaSets.list()).items).to.have.length(0));
  });

  it("[sig-api-machinery] Garbage collector should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan [Conformance]", async () => {
    const { deployments, replicaSets, deploymentWithReplicaSet } = await setUp("gc-deployment-orphan");
    await deploymentWithReplicaSet("simple");
    await deployments.delete("simple", { propagationPolicy: "Orphan" });
    await isGone(() => deployments.get("simple"));
    const [left, ...others] = (await replicaSets.list()).items;
    expect(others).to.have.length(0);
    expect(left && ownersOf(left)).to.deep.equal([]);
  });

  it("[sig-api-machinery] Garbage collector should keep the rc around until all its pods are deleted if the deleteOptions says so [Conformance] [Serial]", async () => {
    const { rcs, pods, podsOf, runningRc } = await setUp("gc-rc-foreground");
    await runningRc("foreground", 10);
    const [held] = await podsOf("foreground");
    const name = held?.metadata.name ?? "";
    await pods.patch(name, { metadata: { finalizers: ["example.com/hold"] } });
    await rcs.delete("foreground", { propagationPolicy: "Foreground" });
    await eventually(async () => expect(await podsOf("foreground")).to.have.length(1));
    const { metadata } = await rcs.get("foreground");
    expect(metadata.deletionTimestamp).to.be.a("string");
    expect(metadata.finalizers).to.deep.equal(["foregroundDeletion"]);
    await pods.patch(name, { metadata: { finalizers: [] } }, { type: "merge" });
    await isGone(() => rcs.get("foreground"));
    expect(await podsOf("foreground")).to.have.length(0);
  });

  it("[sig-api-machinery] Garbage collector should not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted [Conformance] [Serial]", async () => {
    const { rcs, pods, podsOf, runningRc } = await setUp("gc-two-owners");
    await runningRc("to-be-deleted", 6);
    const stays = await runningRc("to-stay", 2);
    const shared = (await podsOf("to-be-deleted")).slice(0, 3);
    for (const { metadata } of shared) {
      const ownerReferences = [...(metadata.ownerReferences ?? []), referenceTo(stays, "ReplicationController")];
      await pods.patch(metadata.name ?? "", { metadata: { ownerReferences } });
    }
    await rcs.delete("to-be-deleted", { propagationPolicy: "Foreground" });
    await isGone(() => rcs.get("to-be-deleted"));
    const left = await podsOf("to-be-deleted");
    expect(left.map(({ metadata }) => metadata.name)).to.have.members(shared.map(({ metadata }) => metadata.name));
    for (const pod of left) {
      expect(ownersOf(pod)).to.deep.equal(["to-stay"]);
      expect(pod.metadata.deletionTimestamp).to.equal(undefined);
    }
  });

  it("[sig-api-machinery] Garbage collector should not be blocked by dependency circle [Conformance]", async () => {
    const { pods } = await setUp("gc-circle");
    const names = ["pod1", "pod2", "pod3"];
    const made = await Promise.all(names.map((name) => pods.create({ metadata: { name }, spec: podSpec })));
    for (const [index, name] of names.entries()) {
      const owner = made[(index + 2) % 3] as Pod;
      await pods.patch(name, { metadata: { ownerReferences: [referenceTo(owner, "Pod", true)] } });
    }
    await pods.delete("pod1", { propagationPolicy: "Foreground" });
    await eventually(async () => expect((await pods.list()).items).to.have.length(0));
  });
});

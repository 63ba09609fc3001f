import type { OwnerReference } from "@tskube/api";
import { kinds } from "@tskube/client";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import type { Discovery } from "../../discovery/discover.ts";
import { aPod, aReplicaSet } from "../../testing/objects.ts";
import { garbageCollector } from "./controller.ts";

const crds = {
  group: "apiextensions.k8s.io",
  version: "v1",
  resource: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
  namespaced: false,
};
const apiServices = {
  group: "apiregistration.k8s.io",
  version: "v1",
  resource: "apiservices",
  kind: "APIService",
  namespaced: false,
};
const served = [kinds.Pod, kinds.ReplicaSet].map((info) => ({
  ...info,
  verbs: ["get", "list", "watch", "delete", "patch"],
}));
const discovery: Discovery = {
  resources: served,
  kinds: new Map([
    ["v1/Pod", served[0]],
    ["apps/v1/ReplicaSet", served[1]],
  ] as [string, (typeof served)[0]][]),
  failed: [],
};

describe("the garbage collector", () => {
  let t: ControllerTest;
  beforeEach(() => {
    t = controllerTest({ resources: [crds, apiServices] });
  });
  afterEach(() => t.stop());

  const start = async () => {
    await t.start(garbageCollector({ workers: 2, discover: async () => discovery }));
    await t.settle(1_000);
  };
  const ownedBy = (uid: string, more: Partial<OwnerReference> = {}) => ({
    metadata: { ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: uid, uid, ...more }] },
  });
  const pods = () => t.api.store.list(kinds.Pod).map(({ metadata }) => metadata.name);
  const sets = () => t.api.store.list(kinds.ReplicaSet).map(({ metadata }) => metadata.name);

  it("deletes what is left when an owner goes", async () => {
    t.api.seed("ReplicaSet", aReplicaSet("web", 1));
    t.api.seed("Pod", aPod("one", ownedBy("web")));
    await start();
    expect(pods()).to.deep.equal(["one"]);
    t.api.remove(kinds.ReplicaSet, "default/web");
    await t.settle(1_000);
    expect(pods()).to.deep.equal([]);
  });

  it("deletes what names an owner that never was, and one that was replaced under its name", async () => {
    t.api.seed("ReplicaSet", aReplicaSet("web", 1));
    t.api.seed("Pod", aPod("ghost", ownedBy("nobody")));
    t.api.seed("Pod", aPod("stale", ownedBy("former", { name: "web" })));
    t.api.seed("Pod", aPod("free"));
    await start();
    expect(pods()).to.deep.equal(["free"]);
  });

  it("only takes the reference from what has another owner still", async () => {
    t.api.seed("ReplicaSet", aReplicaSet("web", 1));
    const [lost, kept] = [ownedBy("nobody"), ownedBy("web")];
    t.api.seed(
      "Pod",
      aPod("one", {
        metadata: { ownerReferences: [...lost.metadata.ownerReferences, ...kept.metadata.ownerReferences] },
      }),
    );
    await start();
    expect(t.api.store.list(kinds.Pod)[0]?.metadata.ownerReferences?.map(({ uid }) => uid)).to.deep.equal(["web"]);
  });

  it("lets a foreground deletion wait for what blocks it", async () => {
    t.api.seed("ReplicaSet", aReplicaSet("web", 1));
    t.api.seed("Pod", aPod("one", ownedBy("web", { blockOwnerDeletion: true })));
    t.api.change("Pod", "default/one", ({ metadata }) => {
      metadata.finalizers = ["test/keep"];
    });
    await start();
    await t.deps.client.replicasets("default").delete("web", { propagationPolicy: "Foreground" });
    await t.settle(1_000);
    expect([sets(), pods()]).to.deep.equal([["web"], ["one"]]);
    await t.deps.client.pods("default").patch("one", { metadata: { finalizers: null } }, { type: "merge" });
    await t.settle(1_000);
    expect([sets(), pods()]).to.deep.equal([[], []]);
  });

  it("keeps the dependents of an owner that is to leave them", async () => {
    t.api.seed("ReplicaSet", aReplicaSet("web", 1));
    t.api.seed("Pod", aPod("one", ownedBy("web")));
    await start();
    await t.deps.client.replicasets("default").delete("web", { propagationPolicy: "Orphan" });
    await t.settle(1_000);
    expect([sets(), pods()]).to.deep.equal([[], ["one"]]);
    expect(t.api.store.list(kinds.Pod)[0]?.metadata.ownerReferences ?? []).to.deep.equal([]);
  });
});

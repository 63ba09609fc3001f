import type { Pod, ReplicaSet } from "@tskube/api";
import { parseLabelSelector } from "@tskube/apimachinery";
import { kinds } from "@tskube/client";
import { expect } from "chai";
import { type ControllerTest, controllerTest } from "../testing/index.ts";
import { decideClaim, selectedBy } from "./claim.ts";
import { claimObjects } from "./controller-ref-manager.ts";

const owner = (more: Partial<ReplicaSet["metadata"]> = {}) =>
  ({
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: "web", namespace: "default", uid: "rs-1", ...more },
  }) as ReplicaSet;

const pod = (name: string, labels: Record<string, string>, ownerUid?: string) =>
  ({
    metadata: {
      name,
      namespace: "default",
      labels,
      ...(ownerUid && {
        ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: ownerUid, controller: true }],
      }),
    },
    spec: { containers: [] },
  }) as unknown as Pod;

const going = { deletionTimestamp: "2030-01-01T00:00:00Z" };
const web = { app: "web" };

describe("ownership", () => {
  const matches = selectedBy(parseLabelSelector("app=web"));
  const orphanGoing = { ...pod("a", web), metadata: { ...pod("a", web).metadata, ...going } };
  const cases: ReadonlyArray<[string, ReplicaSet, Pod, string]> = [
    ["keeps what it controls and selects", owner(), pod("a", web, "rs-1"), "keep"],
    ["releases what it controls and no longer selects", owner(), pod("a", {}, "rs-1"), "release"],
    ["adopts what it selects and nobody controls", owner(), pod("a", web), "adopt"],
    ["leaves what another controls", owner(), pod("a", web, "rs-2"), "ignore"],
    ["leaves what it neither controls nor selects", owner(), pod("a", {}), "ignore"],
    ["adopts nothing that is being deleted", owner(), orphanGoing, "ignore"],
    ["adopts nothing while it is being deleted", owner(going), pod("a", web), "ignore"],
    ["releases nothing while it is being deleted", owner(going), pod("a", {}, "rs-1"), "ignore"],
    ["adopts nothing from another namespace", owner({ namespace: "other" }), pod("a", web), "ignore"],
  ];
  for (const [claim, by, of, wanted] of cases) it(claim, () => expect(decideClaim(by, of, matches)).to.equal(wanted));

  it("selects nothing by an empty selector", () => {
    expect(selectedBy(parseLabelSelector(""))(pod("a", web))).to.equal(false);
  });

  describe("claimObjects", () => {
    let t: ControllerTest;
    beforeEach(() => {
      t = controllerTest();
    });
    afterEach(() => t.stop());

    const claim = (candidates: readonly Pod[], fresh = owner()) =>
      claimObjects(candidates, {
        owner: owner(),
        matches,
        client: t.deps.client.pods(),
        freshOwner: async () => fresh,
      });

    it("writes adoptions and releases and returns what is the owner's", async () => {
      const pods = [
        pod("kept", web, "rs-1"),
        pod("orphan", web),
        pod("strayed", {}, "rs-1"),
        pod("foreign", web, "rs-2"),
      ];
      const claimed = await claim(pods.map((one) => t.api.seed("Pod", one)));
      expect(claimed.map((one) => one.metadata.name)).to.deep.equal(["kept", "orphan"]);
      expect(t.api.get(kinds.Pod, "default/orphan")?.metadata.ownerReferences).to.deep.equal([
        {
          apiVersion: "apps/v1",
          kind: "ReplicaSet",
          name: "web",
          uid: "rs-1",
          controller: true,
          blockOwnerDeletion: true,
        },
      ]);
      expect(t.api.get(kinds.Pod, "default/strayed")?.metadata.ownerReferences ?? []).to.deep.equal([]);
    });

    it("adopts nothing when the owner has been replaced by one of the same name", async () => {
      const orphan = t.api.seed("Pod", pod("orphan", web));
      const error = await claim([orphan], owner({ uid: "rs-9" })).catch((e: unknown) => e);
      expect(String(error)).to.contain("is gone: got uid rs-9, wanted rs-1");
      expect(t.api.writes()).to.deep.equal([]);
    });

    it("passes over objects that were deleted meanwhile", async () => {
      const candidates = [pod("orphan", web), pod("strayed", {}, "rs-1")].map((one) => t.api.seed("Pod", one));
      for (const key of ["default/orphan", "default/strayed"]) t.api.remove(kinds.Pod, key);
      expect(await claim(candidates)).to.deep.equal([]);
    });
  });
});

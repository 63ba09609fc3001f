import type { Pod } from "@tskube/api";
import { isConflict, notFound } from "@tskube/apimachinery";
import { kinds } from "@tskube/client";
import { expect } from "chai";
import { type ControllerTest, controllerTest } from "../testing/index.ts";
import { addFinalizer, removeFinalizer } from "./finalizers.ts";
import { OwnWrites } from "./own-writes.ts";
import { BatchFailed, slowStartBatch } from "./slow-start-batch.ts";
import { updateStatusIfChanged } from "./status.ts";

const aPod = (name: string) =>
  ({ metadata: { name, namespace: "default" }, spec: { containers: [] } }) as unknown as Pod;

describe("writes of controllers", () => {
  let t: ControllerTest;
  beforeEach(() => {
    t = controllerTest();
  });
  afterEach(() => t.stop());

  describe("slowStartBatch", () => {
    it("doubles its batches", async () => {
      const batches: number[] = [];
      let running = 0;
      await slowStartBatch(10, async () => {
        running++;
        await Promise.resolve();
        if (running > 0) batches.push(running);
        running = 0;
      });
      expect(batches).to.deep.equal([1, 2, 4, 3]);
    });

    it("stops after the batch in which one fails and says how many succeeded", async () => {
      const tried: number[] = [];
      const failed = await slowStartBatch(20, async (index) => {
        tried.push(index);
        if (index === 2) throw new Error("quota");
      }).catch((error: unknown) => error);
      expect(tried).to.deep.equal([0, 1, 2]);
      expect(failed).to.be.instanceOf(BatchFailed).and.to.include({ succeeded: 2 });
    });
  });

  describe("own writes", () => {
    it("are seen once the lister has come to their version", async () => {
      const own = new OwnWrites<Pod>(t.deps.listers.pods, t.clock);
      await t.start();
      expect(own.areSeen("owner")).to.equal(true);
      own.wrote("owner", await t.deps.client.pods("default").create(aPod("a")));
      own.wrote("owner", { ...aPod("b"), metadata: { name: "b", resourceVersion: "999999" } });
      await t.settle();
      expect(own.areSeen("owner")).to.equal(false);
      own.forget("owner");
      own.wrote("owner", await t.deps.client.pods("default").create(aPod("c")));
      await t.settle();
      expect(own.areSeen("owner")).to.equal(true);
    });

    it("are seen when the object came and went before anybody looked", async () => {
      const own = new OwnWrites<Pod>(t.deps.listers.pods, t.clock);
      await t.start();
      own.wrote("owner", await t.deps.client.pods("default").create(aPod("a")));
      await t.deps.client.pods("default").delete("a");
      await t.settle();
      expect(own.areSeen("owner")).to.equal(true);
    });

    it("wait for deletions, except for those that failed", async () => {
      const own = new OwnWrites<Pod>(t.deps.listers.pods, t.clock);
      const pod = t.api.seed("Pod", aPod("a"));
      await t.start();
      const error = await own
        .deleting("owner", pod, async () => Promise.reject(notFound(kinds.Pod, "a")))
        .catch((e: unknown) => e);
      expect(error).to.be.instanceOf(Error);
      expect(own.areSeen("owner")).to.equal(true);
      await own.deleting("owner", pod, async () => {});
      expect(own.areSeen("owner")).to.equal(false);
      t.api.remove(kinds.Pod, "default/a");
      await t.settle();
      expect(own.areSeen("owner")).to.equal(true);
    });

    it("are not waited for longer than five minutes", async () => {
      const own = new OwnWrites<Pod>(t.deps.listers.pods, t.clock);
      await t.start();
      own.wrote("owner", { ...aPod("b"), metadata: { name: "b", resourceVersion: "999999" } });
      await t.clock.advance(300_001);
      expect(own.areSeen("owner")).to.equal(true);
    });
  });

  describe("status", () => {
    it("is written when it differs and left alone when it does not", async () => {
      const pod = t.api.seed("Pod", { ...aPod("a"), status: { phase: "Pending" } } as Pod);
      const pods = t.deps.client.pods();
      await updateStatusIfChanged(pods, pod, { phase: "Pending" });
      expect(t.api.writes()).to.deep.equal([]);
      await updateStatusIfChanged(pods, pod, { phase: "Running" });
      expect(t.api.writes()).to.deep.equal(["update pods/status default/a"]);
      expect(t.api.get(kinds.Pod, "default/a")?.status?.phase).to.equal("Running");
    });
  });

  describe("finalizers", () => {
    it("are added once and removed, and the last one lets a deletion finish", async () => {
      const pods = t.deps.client.pods();
      let pod = await addFinalizer(pods, t.api.seed("Pod", aPod("a")), "example.com/clean");
      pod = await addFinalizer(pods, pod, "example.com/clean");
      expect(pod.metadata.finalizers).to.deep.equal(["example.com/clean"]);
      await pods.in("default").delete("a");
      pod = await pods.in("default").get("a");
      expect(pod.metadata.deletionTimestamp).to.be.a("string");
      await removeFinalizer(pods, pod, "example.com/clean");
      expect(t.api.get(kinds.Pod, "default/a")).to.equal(undefined);
    });

    it("are not written over a change made meanwhile", async () => {
      const stale = t.api.seed("Pod", aPod("a"));
      t.api.change("Pod", "default/a", (pod) => {
        pod.metadata.finalizers = ["other"];
      });
      const error = await addFinalizer(t.deps.client.pods(), stale, "mine").catch((e: unknown) => e);
      expect(isConflict(error)).to.equal(true);
    });
  });
});

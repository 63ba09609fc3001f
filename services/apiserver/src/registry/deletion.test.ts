import type { KubeObject, ObjectMeta } from "@tskube/api";
import { expect } from "chai";
import { type DeleteRequest, failedPrecondition, planDeletion } from "./deletion.ts";

const now = Date.parse("2026-01-01T00:00:00Z");
const object = (metadata: Partial<ObjectMeta>): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", ...metadata },
});
const plan = (metadata: Partial<ObjectMeta>, request: DeleteRequest, graceSeconds?: number, isHeld = false) =>
  planDeletion(object(metadata), request, { graceSeconds, isHeld }, now);
const marked = { deletionTimestamp: "2026-01-01T00:00:30Z", deletionGracePeriodSeconds: 30 };

describe("planDeletion", () => {
  it("removes what nothing keeps", () => {
    expect(plan({}, {})).to.deep.equal({ act: "remove" });
    expect(plan({}, {}, 0)).to.deep.equal({ act: "remove" });
  });

  it("marks what has a grace time, and counts the generation", () => {
    const result = plan({ generation: 1 }, {}, 30);
    expect(result).to.deep.equal({ act: "mark", metadata: { name: "p", generation: 2, ...marked } });
  });

  it("marks what has finalizers or is held", () => {
    expect(plan({ finalizers: ["a/b"] }, {}).act).to.equal("mark");
    expect(plan({}, {}, undefined, true).act).to.equal("mark");
  });

  const policies: [DeleteRequest, string[] | undefined][] = [
    [{ propagationPolicy: "Orphan" }, ["orphan"]],
    [{ propagationPolicy: "Foreground" }, ["foregroundDeletion"]],
    [{ orphanDependents: true }, ["orphan"]],
  ];
  for (const [request, finalizers] of policies) {
    it(`adds ${finalizers} for ${JSON.stringify(request)}`, () => {
      const result = plan({}, request);
      expect(result.act === "mark" && result.metadata.finalizers).to.deep.equal(finalizers);
    });
  }

  it("lets a background deletion take back an orphaning one", () => {
    expect(plan({ ...marked, finalizers: ["orphan"] }, { propagationPolicy: "Background" })).to.deep.equal({
      act: "remove",
    });
  });

  it("does nothing for a second deletion with the same grace", () => {
    expect(plan(marked, {}, 30)).to.deep.equal({ act: "nothing" });
    expect(plan(marked, { gracePeriodSeconds: 60 }, 60)).to.deep.equal({ act: "nothing" });
  });

  it("shortens the grace, counted from the first deletion", () => {
    const result = plan(marked, { gracePeriodSeconds: 10 }, 10);
    expect(result.act === "mark" && result.metadata).to.include({
      deletionTimestamp: "2026-01-01T00:00:10Z",
      deletionGracePeriodSeconds: 10,
    });
  });

  it("removes a marked object when no grace is left to it, unless finalizers keep it", () => {
    expect(plan(marked, { gracePeriodSeconds: 0 }, 0)).to.deep.equal({ act: "remove" });
    const kept = plan({ ...marked, finalizers: ["a/b"] }, { gracePeriodSeconds: 0 }, 0);
    expect(kept.act === "mark" && kept.metadata.deletionGracePeriodSeconds).to.equal(0);
  });
});

describe("failedPrecondition", () => {
  it("compares uid and resourceVersion", () => {
    expect(failedPrecondition({ name: "p", uid: "1" }, { uid: "1" })).to.equal(undefined);
    expect(failedPrecondition({ name: "p", uid: "1" }, { uid: "2" })).to.equal(
      "Precondition failed: UID in precondition: 2, UID in object meta: 1",
    );
    expect(failedPrecondition({ name: "p", resourceVersion: "1" }, { resourceVersion: "2" })).to.contain(
      "ResourceVersion",
    );
  });
});

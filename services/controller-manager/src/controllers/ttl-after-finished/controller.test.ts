import type { Job } from "@tskube/api";
import { formatTime } from "@tskube/apimachinery";
import { kinds } from "@tskube/client";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { ttlAfterFinishedController } from "./controller.ts";

describe("the controller of finished jobs", () => {
  let t: ControllerTest;
  beforeEach(async () => {
    t = controllerTest();
    await t.start(ttlAfterFinishedController(1));
  });
  afterEach(() => t.stop());

  const seed = (spec: Partial<Job["spec"]>, ended = true) => {
    const condition = { type: "Complete", status: "True", lastTransitionTime: formatTime(t.clock.now()) };
    t.api.seed("Job", {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "work", namespace: "default" },
      spec: { template: {}, ...spec },
      ...(ended && { status: { conditions: [condition] } }),
    });
    return t.settle();
  };
  const count = () => t.api.store.list(kinds.Job).length;
  const deletions = () => t.api.writes().filter((line) => line.startsWith("delete"));

  it("deletes a job when its time after the end is over", async () => {
    await seed({ ttlSecondsAfterFinished: 30 });
    await t.settle(29_000);
    expect(count()).to.equal(1);
    await t.settle(1_000);
    expect(deletions()).to.deep.equal(["delete jobs default/work"]);
  });

  it("looks again when the time is prolonged", async () => {
    await seed({ ttlSecondsAfterFinished: 30 });
    t.api.change("Job", "default/work", ({ spec }) => {
      spec.ttlSecondsAfterFinished = 90;
    });
    await t.settle(60_000);
    expect(deletions()).to.deep.equal([]);
    await t.settle(30_000);
    expect(deletions()).to.have.length(1);
  });

  it("leaves jobs that run or say nothing of a time", async () => {
    await seed({ ttlSecondsAfterFinished: 0 }, false);
    await t.settle(1_000);
    expect(deletions()).to.deep.equal([]);
  });
});

import type { Image } from "@tskube/cri";
import { expect } from "chai";
import { aContainer, aRuntimePod, aSandbox } from "../testing/runtime-pods.ts";
import { garbageOf } from "./container-gc.ts";
import { imagesToRemove } from "./image-gc.ts";

describe("garbage of a pod", () => {
  const ended = (restartCount: number, sandboxId = "s0") =>
    aContainer("main", { state: "exited", restartCount, sandboxId });

  it("is all ended instances but the newest beside a running one", () => {
    const pod = aRuntimePod([aContainer("main", { restartCount: 3 }), ended(2), ended(1), ended(0)]);
    expect(garbageOf(pod, 1).containers).to.deep.equal(["main-1", "main-0"]);
  });

  it("spares the instance that the status shows and its predecessor while nothing runs", () => {
    expect(garbageOf(aRuntimePod([ended(2), ended(1), ended(0)]), 1).containers).to.deep.equal(["main-0"]);
  });

  it("is every dead sandbox but the newest once its containers are gone", () => {
    const sandboxes = [
      aSandbox({ id: "s2" }),
      aSandbox({ id: "s1", isReady: false }),
      aSandbox({ id: "s0", isReady: false }),
    ];
    const pod = aRuntimePod(
      [aContainer("main", { restartCount: 2, sandboxId: "s2" }), ended(1, "s1"), ended(0, "s0")],
      sandboxes,
    );
    expect(garbageOf(pod, 1)).to.deep.equal({ containers: ["main-0"], sandboxes: ["s0"] });
  });
});

describe("image removal", () => {
  const image = (id: string, size: number, pinned = false) =>
    ({ id, size: BigInt(size), repoTags: [`${id}:1`], repoDigests: [], pinned }) as unknown as Image;
  const minute = 60_000;
  const inputs = {
    images: [image("used", 50), image("old", 10), image("older", 10), image("pinned", 10, true), image("new", 10)],
    inUse: new Set(["used:1"]),
    history: new Map([
      ["used", { detectedAtMs: 0, usedAtMs: 0 }],
      ["old", { detectedAtMs: 0, usedAtMs: 2 * minute }],
      ["older", { detectedAtMs: 0, usedAtMs: minute }],
      ["pinned", { detectedAtMs: 0, usedAtMs: 0 }],
      ["new", { detectedAtMs: 9.5 * minute, usedAtMs: 0 }],
    ]),
    capacityBytes: 100,
    availableBytes: 10,
    highPercent: 85,
    lowPercent: 80,
    minimumAgeMs: 2 * minute,
    nowMs: 10 * minute,
  };

  it("begins above the high threshold, with those longest unused, and ends at the low one", () => {
    expect(imagesToRemove(inputs).map(({ id }) => id)).to.deep.equal(["older"]);
    expect(imagesToRemove({ ...inputs, availableBytes: 2 }).map(({ id }) => id)).to.deep.equal(["older", "old"]);
  });

  it("does nothing below the high threshold", () => {
    expect(imagesToRemove({ ...inputs, availableBytes: 16 })).to.deep.equal([]);
  });
});

import type { Pod } from "@tskube/api";
import { expect } from "chai";
import { aPod } from "../testing/objects.ts";
import { rankForDeletion } from "./deletion-rank.ts";

const now = Date.parse("2024-01-02T00:00:00Z");
const names = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata.name);

describe("the order in which pods are deleted", () => {
  it("starts with pods that do not run yet", () => {
    const pods = [
      aPod("ready", { node: "a", ready: true }),
      aPod("not-ready", { node: "a" }),
      aPod("pending", { node: "a", phase: "Pending" }),
      aPod("unassigned"),
    ];
    expect(names(rankForDeletion(pods, [], now))).to.deep.equal(["unassigned", "pending", "not-ready", "ready"]);
  });

  it("takes the cheapest by annotation first", () => {
    const cost = (value: string) => ({
      metadata: { annotations: { "controller.kubernetes.io/pod-deletion-cost": value } },
    });
    const pods = [
      aPod("dear", { node: "a", ready: true, ...cost("5") }),
      aPod("plain", { node: "a", ready: true }),
      aPod("cheap", { node: "a", ready: true, ...cost("-5") }),
    ];
    expect(names(rankForDeletion(pods, [], now))).to.deep.equal(["cheap", "plain", "dear"]);
  });

  it("takes from the node with most of the family, then the youngest", () => {
    const pods = [
      aPod("alone", { node: "b", ready: true }),
      aPod("crowded-old", { node: "a", ready: true }),
      aPod("crowded-young", { node: "a", ready: true, readySince: "2024-01-01T23:59:00Z" }),
    ];
    expect(names(rankForDeletion(pods, pods, now))).to.deep.equal(["crowded-young", "crowded-old", "alone"]);
  });
});

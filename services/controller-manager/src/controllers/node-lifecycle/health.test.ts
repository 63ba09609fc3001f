import type { Lease } from "@tskube/api";
import { expect } from "chai";
import { Heartbeats } from "./health.ts";

function lease(name: string, renewTime: string): Lease {
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name }, spec: { renewTime } };
}

describe("heartbeats", () => {
  it("count when they were heard, and only when they say something new", () => {
    const heartbeats = new Heartbeats(1_000_000);
    heartbeats.noteLease(lease("a", "1"), 1_000);
    heartbeats.noteLease(lease("a", "1"), 5_000);
    expect(heartbeats.lastOf("a")).to.equal(1_000);
    heartbeats.noteLease(lease("a", "2"), 6_000);
    expect(heartbeats.lastOf("a")).to.equal(6_000);
  });

  it("hold a time when nobody could be heard against nobody", () => {
    const heartbeats = new Heartbeats(25_000);
    heartbeats.noteLease(lease("a", "1"), 0);
    heartbeats.noteLease(lease("b", "1"), 1_000);
    heartbeats.noteLease(lease("a", "2"), 40_000); // the API server was away
    expect(heartbeats.lastOf("b")).to.equal(40_000);
  });

  it("hold its silence against a node while others are heard", () => {
    const heartbeats = new Heartbeats(25_000);
    heartbeats.noteLease(lease("b", "1"), 0);
    for (let at = 10_000; at <= 60_000; at += 10_000) heartbeats.noteLease(lease("a", String(at)), at);
    expect(heartbeats.lastOf("b")).to.equal(0);
  });
});

import type { PriorityLevelConfiguration } from "@tskube/api";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { requestInfo } from "../filters/request-info.ts";
import { suggestedFlowSchemas, suggestedPriorityLevels } from "./bootstrap/suggested-objects.ts";
import { FlowControl } from "./flow-control.ts";

const alice = { name: "alice", groups: ["system:authenticated"] };
const query = new URLSearchParams();
const info = requestInfo("GET", "/api/v1/namespaces/n/pods", query);
const counts = { objects: () => 0, watchers: () => 0 };

describe("flow control", () => {
  let clock: FakeClock;
  let control: FlowControl;
  beforeEach(() => {
    clock = new FakeClock();
    control = new FlowControl({ clock, counts }, 600);
  });
  const nominal = () => Object.fromEntries([...control.levels].map(({ name, limits }) => [name, limits.nominal]));
  const arrive = () => control.arrive(control.classify(alice, info), alice, info, query);

  it("has what is mandatory before it knows any object", () => {
    expect(nominal()).to.deep.equal({ exempt: 0, "catch-all": 600 });
    expect(control.classify(alice, info).schema.name).to.equal("catch-all");
    expect(arrive().state).to.equal("executing");
  });

  it("divides the seats among the levels there are", () => {
    control.configure(suggestedFlowSchemas, suggestedPriorityLevels);
    expect(nominal()).to.deep.equal({
      exempt: 0,
      "catch-all": 13,
      system: 74,
      "node-high": 98,
      "leader-election": 25,
      "workload-high": 98,
      "workload-low": 245,
      "global-default": 49,
    });
    expect(control.classify(alice, info).level.name).to.equal("global-default");
  });

  it("passes by schemas whose level does not exist", () => {
    control.configure(
      suggestedFlowSchemas,
      suggestedPriorityLevels.filter(({ metadata }) => metadata.name !== "global-default"),
    );
    expect(control.classify(alice, info).schema.name).to.equal("catch-all");
  });

  it("keeps a level that goes until its last request has ended", () => {
    control.configure(suggestedFlowSchemas, suggestedPriorityLevels);
    const { level } = control.classify(alice, info);
    const ticket = arrive();
    control.configure([], []);
    expect([...control.levels].map(({ name }) => name)).to.include("global-default");
    expect(control.classify(alice, info).level.name).to.equal("catch-all");
    level.queueSet.finish(ticket);
    control.adjust();
    expect([...control.levels].map(({ name }) => name)).to.deep.equal(["exempt", "catch-all"]);
  });

  it("lends the seats of idle levels to a busy one and takes them back", async () => {
    control.configure(suggestedFlowSchemas, suggestedPriorityLevels);
    const { level } = control.classify(alice, info);
    const tickets = Array.from({ length: 200 }, arrive);
    const executing = () => tickets.filter(({ state }) => state === "executing").length;
    expect(executing()).to.equal(49);
    await clock.advance(10_000);
    control.adjust();
    expect(executing()).to.be.greaterThan(150);
    for (const ticket of tickets) level.queueSet.leave(ticket, "cancelled");
    for (const ticket of tickets) level.queueSet.finish(ticket);
    for (let period = 0; period < 400; period++) {
      await clock.advance(10_000);
      control.adjust();
    }
    const sum = [...control.levels]
      .filter(({ isExempt }) => !isExempt)
      .reduce((all, one) => all + one.queueSet.limit, 0);
    expect(sum).to.be.within(590, 610);
    expect(level.queueSet.limit).to.be.lessThan(200);
  });

  it("changes a level that is at work", () => {
    const level = (shares: number, type: "Queue" | "Reject"): PriorityLevelConfiguration => ({
      apiVersion: "flowcontrol.apiserver.k8s.io/v1",
      kind: "PriorityLevelConfiguration",
      metadata: { name: "global-default", uid: "u" },
      spec: {
        type: "Limited",
        limited: {
          nominalConcurrencyShares: shares,
          limitResponse: {
            type,
            ...(type === "Queue" && { queuing: { queues: 4, handSize: 2, queueLengthLimit: 5 } }),
          },
        },
      },
    });
    control = new FlowControl({ clock, counts }, 6);
    control.configure(suggestedFlowSchemas, [level(1, "Reject")]);
    expect([arrive(), arrive()].map(({ state }) => state)).to.deep.equal(["executing", "concurrency-limit"]);
    control.configure(suggestedFlowSchemas, [level(1, "Queue")]);
    expect(arrive().state).to.equal("waiting");
    expect(control.classify(alice, info).level.uid).to.equal("u");
  });
});

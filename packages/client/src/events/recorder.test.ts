import type { Event, Pod } from "@tskube/api";
import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { kinds } from "../kinds.ts";
import { FakeApi } from "../testing/index.ts";
import { startEventRecorder } from "./recorder.ts";

describe("event recorder", () => {
  let clock: FakeClock;
  let api: FakeApi;
  beforeEach(() => {
    clock = new FakeClock();
    api = new FakeApi({ clock });
  });
  const recorder = () =>
    startEventRecorder({
      client: api.client(),
      source: { component: "kubelet", host: "n1" },
      clock,
      logger: silentLogger,
    });
  const pod = (name = "web") =>
    ({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "default", uid: `uid-of-${name}` } }) as Pod;
  const stored = (): Event[] => api.list(kinds.Event);

  it("writes an event in upstream's form", async () => {
    recorder().normal(pod(), "Started", "Started container web");
    await clock.advance(0);
    expect(stored()).to.have.length(1);
    expect(stored()[0]).to.deep.include({
      involvedObject: { apiVersion: "v1", kind: "Pod", name: "web", namespace: "default", uid: "uid-of-web" },
      type: "Normal",
      reason: "Started",
      message: "Started container web",
      source: { component: "kubelet", host: "n1" },
      count: 1,
      firstTimestamp: "2030-01-01T00:00:00Z",
      reportingComponent: "kubelet",
      reportingInstance: "n1",
    });
    expect(stored()[0]?.metadata.name).to.match(/^web\.[0-9a-f]{16}$/);
  });

  it("raises the count of an event that happens again", async () => {
    const events = recorder();
    for (let i = 0; i < 3; i++) {
      events.warn(pod(), "BackOff", "Back-off restarting");
      await clock.advance(1_000);
    }
    expect(stored().map(({ count, lastTimestamp }) => [count, lastTimestamp])).to.deep.equal([
      [3, "2030-01-01T00:00:02Z"],
    ]);
    expect(api.writes().map((write) => write.split(" ")[0])).to.deep.equal(["create", "patch", "patch"]);
  });

  it("combines many different messages of one reason", async () => {
    const events = recorder();
    for (let i = 0; i < 13; i++) events.warn(pod(), "Failed", `attempt ${i}`);
    await clock.advance(0);
    expect(stored()).to.have.length(11);
    expect(stored().map(({ message, count }) => [message, count])).to.deep.include([
      "(combined from similar events): attempt 12",
      3,
    ]);
  });

  it("says no more than 25 things at once about one object, and goes on about others", async () => {
    const events = recorder();
    for (let i = 0; i < 40; i++) events.warn(pod(), "Failed", "again");
    events.warn(pod("other"), "Failed", "once");
    await clock.advance(0);
    expect(stored().map(({ count }) => count)).to.deep.equal([25, 1]);
  });

  it("starts anew when the server has let the event expire", async () => {
    const events = recorder();
    events.warn(pod(), "BackOff", "Back-off restarting");
    await clock.advance(0);
    api.remove(kinds.Event, `default/${stored()[0]?.metadata.name}`);
    events.warn(pod(), "BackOff", "Back-off restarting");
    await clock.advance(0);
    expect(stored().map(({ count }) => count)).to.deep.equal([2]);
  });

  it("never throws or blocks its caller, tries again while the server is away, and gives up in the end", async () => {
    const events = recorder();
    api.goDown();
    events.warn(pod(), "Failed", "while away");
    await clock.advance(30_000);
    api.restart();
    await clock.advance(10_000);
    expect(stored()).to.have.length(1);
    api.goDown();
    events.warn(pod(), "Failed", "lost");
    await clock.advance(200_000);
    api.restart();
    await clock.advance(60_000);
    expect(stored()).to.have.length(1);
    expect(clock.pending).to.equal(0);
  });

  it("writes events about cluster-scoped objects into default", async () => {
    recorder().normal({ apiVersion: "v1", kind: "Node", metadata: { name: "n1" } }, "NodeReady", "ready");
    await clock.advance(0);
    expect(stored()[0]?.metadata.namespace).to.equal("default");
  });

  it("flushes what was recorded before", async () => {
    const events = recorder();
    events.normal(pod(), "Started", "one");
    await events.flush();
    expect(stored()).to.have.length(1);
    events.close();
    events.normal(pod(), "Started", "two");
    await events.flush();
    expect(stored()).to.have.length(1);
  });
});

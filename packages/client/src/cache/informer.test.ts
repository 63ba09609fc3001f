import type { Pod } from "@tskube/api";
import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { kinds } from "../kinds.ts";
import { FakeApi } from "../testing/index.ts";
import { createInformers } from "./informers.ts";

function setup() {
  const clock = new FakeClock();
  const api = new FakeApi({ clock });
  const stop = new AbortController();
  const informers = createInformers({ client: api.client(), clock, logger: silentLogger }, { freeze: true });
  const seed = (name: string, pod: { uid?: string; node?: string } = {}) =>
    api.seed("Pod", {
      metadata: { name, namespace: "default", ...(pod.uid && { uid: pod.uid }), labels: { app: name } },
      spec: { containers: [], ...(pod.node && { nodeName: pod.node }) },
    } as never);
  const start = async () => {
    void informers.start(stop.signal);
    await clock.advance(0);
  };
  return { clock, api, informers, seed, start, stop: () => stop.abort() };
}

function journal() {
  const told: string[] = [];
  const handler = {
    add: (pod: Pod) => void told.push(`add ${pod.metadata.name}`),
    update: (old: Pod, pod: Pod) =>
      void told.push(`update ${pod.metadata.name} ${old.spec?.nodeName}→${pod.spec?.nodeName}`),
    delete: (pod: Pod) => void told.push(`delete ${pod.metadata.name} ${pod.metadata.uid}`),
  };
  return { told, handler };
}

describe("informer", () => {
  it("tells handlers of adds, of updates with both sides and of deletes", async () => {
    const { clock, api, informers, seed, start, stop } = setup();
    const { told, handler } = journal();
    informers.for(kinds.Pod).on(handler);
    seed("a", { uid: "1" });
    await start();
    api.change("Pod", "default/a", (pod) => {
      if (pod.spec) pod.spec.nodeName = "n1";
    });
    api.remove(kinds.Pod, "default/a");
    await clock.advance(0);
    expect(told).to.deep.equal(["add a", "update a undefined→n1", "delete a 1"]);
    stop();
  });

  it("tells of deletes that happened while it could not watch", async () => {
    const { clock, api, informers, seed, start, stop } = setup();
    const { told, handler } = journal();
    informers.for(kinds.Pod).on(handler);
    seed("gone", { uid: "1" });
    seed("reborn", { uid: "2" });
    await start();
    api.goDown();
    await clock.advance(0);
    api.remove(kinds.Pod, "default/gone");
    api.remove(kinds.Pod, "default/reborn");
    seed("reborn", { uid: "3" });
    api.store.compact();
    api.restart();
    await clock.advance(2_000);
    expect(told.slice(2)).to.deep.equal(["delete reborn 2", "add reborn", "delete gone 1"]);
    stop();
  });

  it("tells nothing about objects that a fresh listing found unchanged", async () => {
    const { clock, api, informers, seed, start, stop } = setup();
    const { told, handler } = journal();
    informers.for(kinds.Pod).on(handler);
    seed("a");
    await start();
    api.goDown();
    api.store.compact();
    api.restart();
    await clock.advance(2_000);
    expect(told).to.deep.equal(["add a"]);
    stop();
  });

  it("shares one watch between everybody who asks the same", async () => {
    const { api, informers, start, stop } = setup();
    expect(informers.for(kinds.Pod)).to.equal(informers.for(kinds.Pod));
    expect(informers.for(kinds.Pod, { fieldSelector: "spec.nodeName=n1" })).to.not.equal(informers.for(kinds.Pod));
    void informers.listers.pods;
    await start();
    expect(api.watches).to.have.length(2);
    stop();
  });

  it("answers by namespace, by index and by selector", async () => {
    const { informers, seed, start, stop } = setup();
    const { pods } = informers.listers;
    seed("a", { node: "n1" });
    seed("b", { node: "n2" });
    await start();
    const names = (found: readonly Pod[]) => found.map((pod) => pod.metadata.name);
    expect(names(pods.by("node", "n2"))).to.deep.equal(["b"]);
    expect(names(pods.in("default").list())).to.deep.equal(["a", "b"]);
    expect(names(pods.in("other").list())).to.deep.equal([]);
    expect(names(pods.list({ matches: (labels) => labels.app === "a" }))).to.deep.equal(["a"]);
    expect(() => pods.by("colour", "red")).to.throw("no index named colour");
    stop();
  });

  it("keeps an index in step with changes after the first question", async () => {
    const { clock, api, informers, seed, start, stop } = setup();
    const { pods } = informers.listers;
    seed("a", { node: "n1" });
    await start();
    expect(pods.by("node", "n1")).to.have.length(1);
    api.change("Pod", "default/a", (pod) => {
      if (pod.spec) pod.spec.nodeName = "n2";
    });
    await clock.advance(0);
    expect([pods.by("node", "n1").length, pods.by("node", "n2").length]).to.deep.equal([0, 1]);
    api.remove(kinds.Pod, "default/a");
    await clock.advance(0);
    expect(pods.by("node", "n2")).to.deep.equal([]);
    stop();
  });

  it("knows when it last saw an object change, by its own clock", async () => {
    const { clock, api, informers, seed, start, stop } = setup();
    const { pods } = informers.listers;
    seed("a");
    await start();
    const seenAt = clock.now();
    await clock.advance(5_000);
    expect(pods.changedAt("default/a")).to.equal(seenAt);
    api.change("Pod", "default/a", (pod) => {
      pod.metadata.labels = {};
    });
    await clock.advance(0);
    expect(pods.changedAt("default/a")).to.equal(seenAt + 5_000);
    stop();
  });

  it("refuses a lister that nothing watches once informers have started", async () => {
    const { informers, start, stop } = setup();
    await start();
    expect(() => informers.listers.secrets).to.throw("nothing watches secrets");
    stop();
  });

  it("goes on when a handler throws", async () => {
    const { clock, informers, seed, start, stop } = setup();
    const { told, handler } = journal();
    informers.for(kinds.Pod).on({
      add() {
        throw new Error("broken");
      },
    });
    informers.for(kinds.Pod).on(handler);
    await start();
    seed("a");
    await clock.advance(0);
    expect(told).to.deep.equal(["add a"]);
    stop();
  });

  it("hands a late handler what is there already", async () => {
    const { informers, seed, start, stop } = setup();
    const { told, handler } = journal();
    informers.for(kinds.Pod);
    seed("a");
    await start();
    informers.for(kinds.Pod).on(handler);
    expect(told).to.deep.equal(["add a"]);
    stop();
  });

  it("freezes what it keeps when asked to", async () => {
    const { informers, seed, start, stop } = setup();
    const { pods } = informers.listers;
    seed("a");
    await start();
    const pod = pods.get("default/a");
    expect(() => {
      if (pod) pod.metadata.labels = {};
    }).to.throw(TypeError);
    stop();
  });
});

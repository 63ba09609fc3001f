import type { Pod } from "@tskube/api";
import { tooManyRequests } from "@tskube/apimachinery";
import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { kinds } from "../kinds.ts";
import { FakeApi, type FakeApiOptions } from "../testing/index.ts";
import { runReflector } from "./reflector.ts";

interface Setup extends Partial<FakeApiOptions> {
  readonly labelSelector?: string;
}

/** A reflector of pods whose sink writes down what it is told. */
async function reflecting({ labelSelector, ...options }: Setup = {}) {
  const clock = new FakeClock();
  const api = new FakeApi({ clock, ...options });
  const stop = new AbortController();
  const told: string[] = [];
  const sink = {
    replace: (pods: readonly Pod[]) => void told.push(`replace ${pods.map((pod) => pod.metadata.name).join(",")}`),
    change: ({ type, object }: { type: string; object: Pod }) => void told.push(`${type} ${object.metadata.name}`),
  };
  const seed = (name: string, labels?: Record<string, string>) =>
    api.seed("Pod", {
      metadata: { name, namespace: "default", ...(labels && { labels }) },
      spec: { containers: [] },
    } as never);
  const start = async () => {
    const source = api.client().pods();
    void runReflector({ source, sink, clock, logger: silentLogger, random: () => 0 }, { labelSelector }, stop.signal);
    await clock.advance(0);
  };
  const verbs = () => api.requests.map(({ verb }) => verb);
  return { api, clock, told, seed, start, verbs, stop: () => stop.abort() };
}

describe("reflector", () => {
  it("reads the initial state as a watch and goes on in the same stream", async () => {
    const { api, clock, told, seed, start, verbs, stop } = await reflecting();
    seed("a");
    await start();
    seed("b");
    api.remove(kinds.Pod, "default/a");
    await clock.advance(0);
    expect(told).to.deep.equal(["replace a", "ADDED b", "DELETED a"]);
    expect(verbs()).to.deep.equal(["watch"]);
    stop();
  });

  it("lists in pages and then watches where the server refuses streaming lists", async () => {
    const { clock, told, seed, start, verbs, stop } = await reflecting({ withoutWatchList: true });
    for (let i = 0; i < 501; i++) seed(`p${i}`);
    await start();
    await clock.advance(1);
    seed("later");
    await clock.advance(0);
    expect(verbs()).to.deep.equal(["watch", "list", "list", "watch"]);
    expect(told[0]?.split(",")).to.have.length(501);
    expect(told.slice(1)).to.deep.equal(["ADDED later"]);
    stop();
  });

  it("resumes after a cut without missing what happened meanwhile", async () => {
    const { api, clock, told, seed, start, stop } = await reflecting();
    seed("a");
    await start();
    api.goDown();
    await clock.advance(0);
    api.remove(kinds.Pod, "default/a");
    seed("b");
    await clock.advance(500);
    api.restart();
    await clock.advance(2_000);
    expect(told).to.deep.equal(["replace a", "DELETED a", "ADDED b"]);
    stop();
  });

  it("resumes from a bookmark when the versions before it are gone", async () => {
    const { api, clock, told, seed, start, stop } = await reflecting({});
    seed("a");
    await start();
    api.store.compact();
    api.bookmark();
    await clock.advance(0);
    api.endWatches();
    await clock.advance(2_000);
    seed("b");
    await clock.advance(0);
    expect(told).to.deep.equal(["replace a", "ADDED b"]);
    stop();
  });

  it("fetches everything anew when its version is too old", async () => {
    const { api, clock, told, seed, start, stop } = await reflecting();
    seed("a");
    await start();
    api.goDown();
    await clock.advance(0);
    api.remove(kinds.Pod, "default/a");
    seed("b");
    api.store.compact();
    api.restart();
    await clock.advance(2_000);
    expect(told).to.deep.equal(["replace a", "replace b"]);
    stop();
  });

  it("replaces nothing from initial events that were cut before their end", async () => {
    const { api, clock, told, seed, start, stop } = await reflecting();
    seed("a");
    api.goDown();
    await start();
    api.restart();
    const unreact = api.react(({ verb }) => {
      if (verb === "watch") throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
    });
    await clock.advance(1_000);
    expect(told).to.deep.equal([]);
    unreact();
    await clock.advance(5_000);
    expect(told).to.deep.equal(["replace a"]);
    stop();
  });

  it("drops a half-read line at a cut and gets its event again", async () => {
    const { api, clock, told, seed, start, stop } = await reflecting();
    seed("a");
    await start();
    api.watches[0]?.raw('{"type":"ADDED","object":{"metadata":{"na');
    api.watches[0]?.cut(new Error("socket hang up"));
    await clock.advance(0);
    seed("b");
    await clock.advance(2_000);
    expect(told).to.deep.equal(["replace a", "ADDED b"]);
    stop();
  });

  it("waits longer after each failure", async () => {
    const { api, clock, start, stop } = await reflecting();
    const at: number[] = [];
    const startedAt = clock.now();
    api.react(() => {
      at.push(clock.now() - startedAt);
      throw new Error("broken");
    });
    await start();
    await clock.advance(3_000);
    expect(at).to.deep.equal([0, 200, 600, 1400, 3000]);
    stop();
  });

  it("takes a throttling answer for a bad moment and not for a refusal of streaming lists", async () => {
    const { api, clock, told, seed, start, verbs, stop } = await reflecting();
    seed("a");
    let answers = 0;
    api.react(() => {
      if (answers++ < 1) throw tooManyRequests("busy", 1);
    });
    await start();
    await clock.advance(3_000);
    expect(told).to.deep.equal(["replace a"]);
    expect(verbs()).to.not.include("list");
    stop();
  });

  it("tells of a deletion when an object leaves the selection", async () => {
    const { api, clock, told, seed, start, stop } = await reflecting({ labelSelector: "app=web" });
    seed("a", { app: "web" });
    seed("b", { app: "db" });
    await start();
    api.change("Pod", "default/a", (pod) => {
      pod.metadata.labels = {};
    });
    await clock.advance(0);
    expect(told).to.deep.equal(["replace a", "DELETED a"]);
    stop();
  });

  it("leaves no timer behind when stopped", async () => {
    const { clock, start, stop } = await reflecting();
    await start();
    stop();
    await clock.advance(0);
    expect(clock.pending).to.equal(0);
  });
});

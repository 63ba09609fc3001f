import { setMaxListeners } from "node:events";
import { expect } from "chai";
import { at, openTestServer, type TestServer, watchEvents } from "./open-test-server.ts";

const configMaps = "/api/v1/namespaces/default/configmaps";
const merge = { "content-type": "application/merge-patch+json" };

describe("apiserver watches", () => {
  let api: TestServer;
  let stop: AbortController;
  before(async () => {
    api = await openTestServer();
  });
  beforeEach(() => {
    stop = new AbortController();
    setMaxListeners(0, stop.signal);
  });
  afterEach(() => stop.abort());
  after(() => api.close());

  const take = async (path: string, count: number) => {
    const seen: string[] = [];
    for await (const { type, object } of watchEvents(api.transport, path, stop.signal)) {
      const isEnd = at(object, "metadata", "annotations", "k8s.io/initial-events-end") !== undefined;
      seen.push(`${type} ${isEnd ? "end" : (at(object, "metadata", "name") ?? at(object, "code") ?? "")}`);
      if (seen.length === count) break;
    }
    return seen;
  };
  const create = async (name: string, labels = {}) =>
    at((await api.send("POST", configMaps, { metadata: { name, labels } })).json, "metadata", "resourceVersion");

  it("tells the state, its end, and then what happens", async () => {
    await create("a1", { set: "a" });
    const query = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    const seen = take(`${configMaps}?${query}&labelSelector=set%3Da`, 3);
    await create("a2", { set: "a" });
    expect((await seen).sort()).to.deep.equal(["ADDED a1", "ADDED a2", "BOOKMARK end"]);
  });

  it("goes on from a version without missing or repeating anything", async () => {
    const from = await create("b0", { set: "b" });
    await create("b1", { set: "b" });
    await api.send("DELETE", `${configMaps}/b1`);
    const path = `${configMaps}?watch=1&resourceVersion=${from}&labelSelector=set%3Db`;
    expect(await take(path, 2)).to.deep.equal(["ADDED b1", "DELETED b1"]);
  });

  it("turns changes of a selector's match into additions and deletions", async () => {
    const from = await create("c0");
    const patch = (labels: object) => api.send("PATCH", `${configMaps}/c0`, { metadata: { labels } }, merge);
    await patch({ set: "c" });
    await patch({ other: "x" });
    await patch({ set: null });
    const path = `${configMaps}?watch=1&resourceVersion=${from}&labelSelector=set%3Dc`;
    expect(await take(path, 3)).to.deep.equal(["ADDED c0", "MODIFIED c0", "DELETED c0"]);
  });

  it("ends with a bookmark when its time is over", async () => {
    const query = `timeoutSeconds=1&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dnone`;
    const path = `${configMaps}?watch=1&resourceVersion=${await create("ending")}&${query}`;
    const seen: string[] = [];
    for await (const { type } of watchEvents(api.transport, path, stop.signal)) seen.push(type);
    expect(seen).to.deep.equal(["BOOKMARK"]);
  });

  it("tells many watchers of one change", async () => {
    const from = await create("many");
    const path = `${configMaps}?watch=1&resourceVersion=${from}`;
    const watchers = Array.from({ length: 30 }, () => take(path, 1));
    await create("many-2");
    expect(new Set((await Promise.all(watchers)).flat())).to.deep.equal(new Set(["ADDED many-2"]));
  });
});

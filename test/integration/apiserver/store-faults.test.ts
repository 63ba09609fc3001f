import { silentLogger, systemClock } from "@tskube/base";
import { openEtcdStore, type Store } from "@tskube/store";
import { expect } from "chai";
import { type EtcdProcess, startEtcd } from "../store/etcd-process.ts";
import { eventually } from "./eventually.ts";
import { at, openServerOver, type TestServer, watchEvents } from "./open-test-server.ts";

const maps = "/api/v1/namespaces/default/configmaps";

describe("apiserver over an etcd that has troubles", function () {
  this.timeout(60_000);
  let etcd: EtcdProcess;
  let store: Store;
  let api: TestServer;

  before(async () => {
    etcd = await startEtcd();
    store = await openEtcdStore({ endpoints: etcd.endpoints }, { clock: systemClock, logger: silentLogger });
    api = await openServerOver(store);
    for (const name of ["a", "b", "c"]) await api.send("POST", maps, { metadata: { name } });
  });
  after(async () => {
    await api?.close();
    await store?.close();
    await etcd?.stop();
  });

  const revision = async () => Number(at((await api.send("GET", maps)).json, "metadata", "resourceVersion"));

  it("expires pages and exact versions that compaction has taken", async () => {
    const { json } = await api.send("GET", `${maps}?limit=1`);
    const token = String(at(json, "metadata", "continue"));
    const old = String(at(json, "metadata", "resourceVersion"));
    await api.send("POST", maps, { metadata: { name: "d" } });
    await store.compact(await revision());
    const page = await api.send("GET", `${maps}?limit=1&continue=${encodeURIComponent(token)}`);
    expect(page.status).to.equal(410);
    expect(page.json).to.include({ reason: "Expired" });
    expect(at(page.json, "message")).to.contain("The provided continue parameter is too old");
    const rest = String(at(page.json, "metadata", "continue"));
    const { json: others } = await api.send("GET", `${maps}?continue=${encodeURIComponent(rest)}`);
    const names = (at(others, "items") as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
    expect(names).to.deep.equal(["b", "c", "d"]);
    const exact = await api.send("GET", `${maps}?resourceVersion=${old}&resourceVersionMatch=Exact`);
    expect([exact.status, at(exact.json, "reason")]).to.deep.equal([410, "Expired"]);
  });

  it("ends a watch from a version of long ago with an error event", async () => {
    // A server that starts now has not seen what was then, and the store does not know it any more.
    const fresh = await openEtcdStore({ endpoints: etcd.endpoints }, { clock: systemClock, logger: silentLogger });
    const late = await openServerOver(fresh);
    const stop = new AbortController();
    for await (const { type, object } of watchEvents(
      late.transport,
      `${maps}?watch=1&resourceVersion=1`,
      stop.signal,
    )) {
      expect(type).to.equal("ERROR");
      expect(object).to.include({ kind: "Status", code: 410, reason: "Expired" });
      break;
    }
    stop.abort();
    await late.close();
    await fresh.close();
  });

  it("goes on with watches and writes when etcd was killed and comes back", async () => {
    const stop = new AbortController();
    const path = `${maps}?watch=1&resourceVersion=${await revision()}`;
    const seen: unknown[] = [];
    const watching = (async () => {
      for await (const { type, object } of watchEvents(api.transport, path, stop.signal)) {
        seen.push(`${type} ${String(at(object, "metadata", "name"))}`);
        if (seen.length === 2) break;
      }
    })();
    await api.send("POST", maps, { metadata: { name: "before" } });
    await etcd.restart();
    await eventually(async () => {
      const { status } = await api.send("POST", maps, { metadata: { name: "after" } });
      expect(status).to.be.oneOf([201, 409]);
    });
    await watching;
    stop.abort();
    expect(seen).to.deep.equal(["ADDED before", "ADDED after"]);
  });
});

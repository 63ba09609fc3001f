import { join } from "node:path";
import { silentLogger, systemClock } from "@tskube/base";
import { openEtcdStore } from "@tskube/store";
import { expect } from "chai";
import { at } from "../apiserver/open-test-server.ts";
import { type EtcdProcess, startEtcd } from "../store/etcd-process.ts";
import { makeServerKit, type RunningServer, type ServerKit } from "./run-server.ts";

const maps = "/api/v1/namespaces/default/configmaps";

describe("an apiserver that is started again", function () {
  this.timeout(60_000);
  let kit: ServerKit;
  let etcd: EtcdProcess;
  before(async () => {
    [kit, etcd] = await Promise.all([makeServerKit(), startEtcd()]);
  });
  after(async () => {
    kit?.remove();
    await etcd?.stop();
  });

  const listed = async (server: RunningServer, path = maps) =>
    String(at(JSON.parse((await server.send("GET", path)).text), "metadata", "resourceVersion"));

  const backends: [name: string, flag: () => string][] = [
    ["etcd", () => `--etcd-servers=${etcd.endpoints.join(",")}`],
    ["the embedded store", () => `--store-dir=${join(kit.directory, "store")}`],
  ];
  for (const [name, flag] of backends) {
    it(`lets watches over ${name} go on from a version listed before`, async () => {
      let server = await kit.start(flag());
      await server.send("POST", maps, { metadata: { name: "a" } });
      const version = await listed(server);
      await server.send("POST", maps, { metadata: { name: "b" } });
      await server.send("DELETE", `${maps}/a`);
      await server.stop();
      server = await kit.start(flag());
      const seen: string[] = [];
      const stop = new AbortController();
      for await (const { type, object } of server.watch(`${maps}?watch=1&resourceVersion=${version}`, stop.signal)) {
        seen.push(`${type} ${at(object, "metadata", "name")}`);
        if (seen.length === 2) void server.send("POST", maps, { metadata: { name: "c" } });
        if (seen.length === 3) break;
      }
      stop.abort();
      expect(seen).to.deep.equal(["ADDED b", "DELETED a", "ADDED c"]);
      await server.stop();
    });
  }

  it("writes no object at its start when all of its own are there", async () => {
    const [, flag] = backends[0] ?? ["", () => ""];
    await (await kit.start(flag())).stop();
    const store = await openEtcdStore({ endpoints: etcd.endpoints }, { clock: systemClock, logger: silentLogger });
    const written: string[] = [];
    const stop = new AbortController();
    const fromRevision = (await store.currentRevision()) + 1;
    const watching = (async () => {
      const watch = store.watch({ prefix: "/registry/", fromRevision }, stop.signal);
      for await (const { events } of watch) written.push(...events.map(({ key }) => key));
    })();
    const server = await kit.start(flag());
    await listed(server); // all that was written before is in the watch by now
    await server.stop();
    stop.abort();
    await watching;
    await store.close();
    const beats = ["/registry/masterleases/", "/registry/coordination.k8s.io/leases/kube-system/apiserver-"];
    expect(written.filter((key) => !beats.some((beat) => key.startsWith(beat)))).to.deep.equal([]);
  });
});

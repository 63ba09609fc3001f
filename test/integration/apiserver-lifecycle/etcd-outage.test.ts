import { expect } from "chai";
import { eventually } from "../apiserver/eventually.ts";
import { at } from "../apiserver/open-test-server.ts";
import { type EtcdProcess, startEtcd } from "../store/etcd-process.ts";
import { makeServerKit, type RunningServer, type ServerKit } from "./run-server.ts";

const maps = "/api/v1/namespaces/default/configmaps";

describe("an apiserver whose etcd goes away", function () {
  this.timeout(60_000);
  let kit: ServerKit;
  let etcd: EtcdProcess;
  let server: RunningServer;
  const stop = new AbortController();
  const seen: string[] = [];
  let watching: Promise<void>;

  before(async () => {
    [kit, etcd] = await Promise.all([makeServerKit(), startEtcd()]);
    server = await kit.start(`--etcd-servers=${etcd.endpoints.join(",")}`, "--request-timeout=2500ms");
    await server.send("POST", maps, { metadata: { name: "a" } });
    watching = (async () => {
      for await (const { type, object } of server.watch(`${maps}?watch=1&resourceVersion=0`, stop.signal)) {
        seen.push(`${type} ${at(object, "metadata", "name")}`);
      }
    })().catch(() => {});
    await eventually(async () => expect(seen).to.deep.equal(["ADDED a"]));
    await etcd.kill();
  });
  after(async () => {
    stop.abort();
    await watching;
    await server?.stop();
    await etcd?.stop();
    kit?.remove();
  });

  it("is not ready, and says what it lacks", async () => {
    const { status, text } = await server.send("GET", "/readyz");
    expect(status).to.equal(500);
    expect(text).to.contain("[-]etcd failed: reason withheld\n[-]etcd-readiness failed: reason withheld");
  });

  it("answers what needs no etcd, and everything else with a Status that says to come again", async () => {
    const any = await server.send("GET", `${maps}/a?resourceVersion=0`);
    expect(any.status).to.equal(200);
    const requests: [method: string, path: string, body?: object][] = [
      ["GET", `${maps}/a`],
      ["GET", maps],
      ["GET", `${maps}?limit=1`],
      ["POST", maps, { metadata: { name: "b" } }],
      ["PUT", `${maps}/a`, { metadata: { name: "a" }, data: { changed: "yes" } }],
      ["DELETE", `${maps}/a`],
    ];
    for (const { status, text } of await Promise.all(requests.map((request) => server.send(...request)))) {
      expect(status).to.be.oneOf([503, 504]);
      expect(JSON.parse(text)).to.include({ kind: "Status", status: "Failure", code: status });
    }
  });

  it("goes on when etcd is back: writes, lists, and the watch that was open all the time", async () => {
    await etcd.restart();
    await eventually(async () => expect((await server.send("GET", "/readyz")).status).to.equal(200));
    await eventually(async () =>
      expect((await server.send("POST", maps, { metadata: { name: "after" } })).status).to.equal(201),
    );
    await eventually(async () => expect(seen).to.include("ADDED after"));
    await eventually(async () => {
      const { status, text } = await server.send("GET", maps);
      expect(status).to.equal(200);
      const names = (at(JSON.parse(text), "items") as object[]).map((item) => at(item, "metadata", "name"));
      expect(names).to.include("after");
    });
    // Whatever the writes of before have come to, each was told once and in order.
    expect(new Set(seen).size).to.equal(seen.length);
  });
});

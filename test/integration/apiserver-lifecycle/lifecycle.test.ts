import { type ClientHttp2Session, connect } from "node:http2";
import { join } from "node:path";
import { expect } from "chai";
import { eventually } from "../apiserver/eventually.ts";
import { at } from "../apiserver/open-test-server.ts";
import { makeServerKit, type RunningServer, type ServerKit } from "./run-server.ts";

const maps = "/api/v1/namespaces/default/configmaps";

describe("the life of an apiserver", function () {
  this.timeout(30_000);
  let kit: ServerKit;
  let server: RunningServer;
  let isRunning = false;
  before(async () => {
    kit = await makeServerKit();
  });
  after(() => kit?.remove());
  afterEach(async () => {
    if (isRunning) await stop();
  });
  const start = async (...flags: string[]) => {
    server = await kit.start(`--store-dir=${join(kit.directory, "store")}`, ...flags);
    isRunning = true;
  };
  const stop = () => {
    isRunning = false;
    return server.stop();
  };
  const session = () =>
    new Promise<ClientHttp2Session>((resolve, reject) => {
      const opened = connect(`https://127.0.0.1:${server.port}`, { ...kit.tls, rejectUnauthorized: true });
      opened.once("connect", () => resolve(opened));
      opened.once("error", reject);
    });
  const over = (client: ClientHttp2Session, path: string) =>
    new Promise<number>((resolve, reject) => {
      const stream = client.request({ ":path": path });
      stream.once("response", (headers) => {
        stream.resume();
        stream.once("close", () => resolve(Number(headers[":status"])));
      });
      stream.once("error", reject);
    });

  it("names its checks as upstream does, and answers for each", async () => {
    await start();
    const lines = (await server.send("GET", "/readyz?verbose")).text.split("\n");
    const expected = [
      "[+]ping ok",
      "[+]log ok",
      "[+]etcd ok",
      "[+]etcd-readiness ok",
      "[+]informer-sync ok",
      "[+]shutdown ok",
      "[+]poststarthook/rbac/bootstrap-roles ok",
      "[+]poststarthook/scheduling/bootstrap-system-priority-classes ok",
      "[+]poststarthook/start-system-namespaces-controller ok",
      "[+]poststarthook/start-kube-apiserver-identity-lease-controller ok",
      "[+]poststarthook/priority-and-fairness-config-producer ok",
      "[+]poststarthook/priority-and-fairness-config-consumer ok",
    ];
    expect(lines).to.include.members(expected);
    expect(lines.at(-2)).to.equal("readyz check passed");
    const live = (await server.send("GET", "/livez?verbose")).text;
    expect(live).to.contain("[+]poststarthook/rbac/bootstrap-roles ok");
    expect(live).to.not.match(/etcd-readiness|informer-sync|shutdown/);
    expect(await server.send("GET", "/readyz/etcd")).to.include({ status: 200, text: "ok" });
    expect((await server.send("GET", "/livez/poststarthook/rbac/bootstrap-roles")).status).to.equal(200);
    const excluded = (await server.send("GET", "/readyz?verbose&exclude=etcd")).text;
    expect(excluded).to.contain("[+]etcd excluded: ok");
    expect((await server.send("GET", "/readyz/nothing")).status).to.equal(404);
  });

  it("shows by a lease that it lives, and removes those of servers long gone", async () => {
    await start();
    const leases = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";
    const labelSelector = "labelSelector=apiserver.kubernetes.io%2Fidentity%3Dkube-apiserver";
    const list = async () =>
      at(JSON.parse((await server.send("GET", `${leases}?${labelSelector}`)).text), "items") as object[];
    const [lease] = await list();
    const name = String(at(lease, "metadata", "name"));
    expect(name).to.match(/^apiserver-[a-z2-7]{26}$/);
    expect(at(lease, "spec", "leaseDurationSeconds")).to.equal(3_600);
    expect(at(lease, "spec", "holderIdentity")).to.match(new RegExp(`^${name}_`));
    const old = {
      metadata: { name: "apiserver-gone", labels: { "apiserver.kubernetes.io/identity": "kube-apiserver" } },
      spec: { holderIdentity: "gone", leaseDurationSeconds: 3_600, renewTime: "2020-01-01T00:00:00.000000Z" },
    };
    expect((await server.send("POST", leases, old)).status).to.equal(201);
    await stop();
    await start();
    await eventually(async () =>
      expect((await list()).map((one) => at(one, "metadata", "name"))).to.deep.equal([name]),
    );
  });

  it("stops being ready before it stops serving, lets requests end, and ends watches properly", async () => {
    await start("--shutdown-delay-duration=700ms");
    const seen: string[] = [];
    const watching = (async () => {
      const version = at(JSON.parse((await server.send("GET", maps)).text), "metadata", "resourceVersion");
      const path = `${maps}?watch=1&allowWatchBookmarks=true&resourceVersion=${version}`;
      for await (const { type, object } of server.watch(path, new AbortController().signal)) {
        seen.push(`${type} ${at(object, "metadata", "name") ?? ""}`);
      }
    })();
    await eventually(async () =>
      expect((await server.send("GET", "/metrics")).text).to.contain(
        'apiserver_longrunning_requests{verb="WATCH",group="",version="v1",resource="configmaps",subresource="",scope="namespace",component="apiserver"} 1',
      ),
    );
    const slow = server.begin("POST", maps);
    const stopping = stop();
    await eventually(async () =>
      expect((await server.send("GET", "/readyz?verbose")).text).to.contain("[-]shutdown failed: reason withheld"),
    );
    expect((await server.send("GET", "/livez")).status).to.equal(200);
    expect((await server.send("POST", maps, { metadata: { name: "while-leaving" } })).status).to.equal(201);
    await watching;
    expect(seen).to.deep.equal(["ADDED while-leaving", "BOOKMARK "]);
    expect((await slow.finish({ metadata: { name: "slow" } })).status).to.equal(201);
    await stopping;
    const error = await server.send("GET", "/livez").catch((reason: unknown) => reason);
    expect(String(error)).to.contain("ECONNREFUSED");
  });

  it("tells clients to come back elsewhere while requests under way end", async () => {
    await start("--shutdown-send-retry-after=true");
    const slow = server.begin("POST", maps);
    await eventually(async () =>
      expect((await server.send("GET", "/metrics")).text).to.match(/current_executing_requests{[^}]*} 2/),
    );
    const stopping = stop();
    await eventually(async () => {
      const { status, headers, text } = await server.send("GET", maps);
      expect(status).to.equal(429);
      expect(headers).to.include({ "retry-after": "5", connection: "close" });
      expect(text).to.contain("The apiserver is shutting down, please try again later.");
    });
    expect((await server.send("GET", "/livez")).status).to.equal(200);
    expect((await slow.finish({ metadata: { name: "late" } })).status).to.equal(201);
    await stopping;
  });

  it("tells HTTP/2 clients to connect anew, without breaking what is under way", async () => {
    await start("--goaway-chance=0.02");
    const client = await session();
    let requests = 0;
    const gone = new Promise<void>((resolve) => client.once("goaway", () => resolve()));
    let isGone = false;
    void gone.then(() => {
      isGone = true;
    });
    while (!isGone && requests < 2_000) {
      expect(await over(client, "/version")).to.equal(200);
      requests++;
    }
    expect(isGone).to.equal(true);
    client.close();
  });

  it("lets HTTP/2 requests end at a stop, and tells their client to go", async () => {
    await start();
    const client = await session();
    const gone = new Promise<void>((resolve) => client.once("goaway", () => resolve()));
    const stream = client.request({ ":method": "POST", ":path": maps, "content-type": "application/json" });
    const status = new Promise<unknown>((resolve, reject) => {
      stream.once("response", (headers) => resolve(headers[":status"])).once("error", reject);
    });
    stream.write('{"metadata":');
    await eventually(async () =>
      expect((await server.send("GET", "/metrics")).text).to.match(/current_executing_requests{[^}]*} 2/),
    );
    const stopping = stop();
    await gone;
    stream.end('{"name":"over-http2"}}');
    stream.resume();
    expect(await status).to.equal(201);
    await stopping;
  });

  it("cuts what takes longer than the grace", async () => {
    await start("--shutdown-grace=300ms");
    const slow = server.begin("POST", maps);
    await eventually(async () =>
      expect((await server.send("GET", "/metrics")).text).to.match(/current_executing_requests{[^}]*} 2/),
    );
    await stop();
    const error = await slow.answer.catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error);
  });

  it("refuses what is too much or too slow", async () => {
    await start("--request-timeout=600ms");
    const tooLarge = await server.send("POST", maps, { metadata: { name: "big" }, data: { big: "x".repeat(3.2e6) } });
    expect(tooLarge.status).to.equal(413);
    expect(JSON.parse(tooLarge.text)).to.include({
      reason: "RequestEntityTooLarge",
      message: "Request entity too large: limit is 3145728",
    });
    const slow = await server.begin("POST", maps).answer;
    expect(slow.status).to.equal(504);
    expect(slow.headers.connection).to.equal("close");
    expect(JSON.parse(slow.text)).to.include({
      reason: "Timeout",
      message: "Timeout: request did not complete within the allotted timeout",
    });
    const nonsense = await server.send("GET", `${maps}?timeout=soon`);
    expect(nonsense.status).to.equal(400);
    expect(nonsense.text).to.contain("invalid timeout specified in the request URL");
  });

  it("counts requests for what it does not have under no name of theirs", async () => {
    await start();
    await server.send("GET", "/api/v1/made-up-by-a-client");
    const { text } = await server.send("GET", "/metrics");
    expect(text).to.not.contain("made-up-by-a-client");
    expect(text).to.match(
      /apiserver_request_total{verb="LIST",group="",version="",resource="",subresource="",scope="",code="404"} 1/,
    );
  });
});

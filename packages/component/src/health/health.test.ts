import { request } from "node:http";
import { createMetrics, silentLogger } from "@tskube/base";
import { expect } from "chai";
import { HealthChecks } from "./checks.ts";
import { answerHealth } from "./health-endpoint.ts";
import { type HealthServer, type HealthServerOptions, parseHostPort, startHealthServer } from "./health-server.ts";

describe("health", () => {
  let checks: HealthChecks;
  beforeEach(() => {
    checks = new HealthChecks();
  });
  const ask = (path: string) => answerHealth(checks, new URL(path, "http://localhost"), silentLogger);
  const failing = () => {
    throw new Error("secret reason");
  };

  it("says ok, and with what when asked", async () => {
    checks.add("etcd", async () => {});
    expect(await ask("/livez")).to.include({ status: 200, body: "ok" });
    expect((await ask("/readyz?verbose"))?.body).to.equal("[+]ping ok\n[+]etcd ok\nreadyz check passed\n");
  });

  it("names what failed and withholds why", async () => {
    checks.add("etcd", failing);
    checks.add("late", () => Promise.reject(new Error("no")));
    const answer = await ask("/healthz");
    expect(answer).to.include({
      status: 500,
      body: "[+]ping ok\n[-]etcd failed: reason withheld\n[-]late failed: reason withheld\nhealthz check failed\n",
    });
  });

  it("leaves out what it is asked to, and tells of names that are none", async () => {
    checks.add("etcd", failing);
    expect((await ask("/readyz?exclude=etcd&exclude=nothing&verbose"))?.body).to.equal(
      '[+]ping ok\n[+]etcd excluded: ok\nwarn: some health checks cannot be excluded: no matches for "nothing"\nreadyz check passed\n',
    );
  });

  it("answers for one check", async () => {
    checks.add("etcd", failing, ["readyz"]);
    expect(await ask("/readyz/ping")).to.include({ status: 200, body: "ok" });
    expect(await ask("/readyz/etcd")).to.include({ status: 500 });
    expect(await ask("/livez/etcd")).to.include({ status: 404 });
    expect(await ask("/livez")).to.include({ status: 200 });
    expect(await ask("/other")).to.equal(undefined);
  });

  it("forgets a check that was removed", async () => {
    const remove = checks.add("etcd", failing);
    remove();
    expect(await ask("/healthz")).to.include({ status: 200 });
  });
});

describe("health server", () => {
  let server: HealthServer | undefined;
  afterEach(() => server?.close());
  const start = async (more: Partial<HealthServerOptions> = {}) => {
    server = await startHealthServer({ host: "127.0.0.1", port: 0, logger: silentLogger, ...more });
    return server;
  };

  function get(
    port: number,
    path: string,
  ): Promise<{ status: number | undefined; type: string | undefined; body: string }> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port, path, agent: false }, (response) => {
        let body = "";
        response.on("data", (chunk) => (body += chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode, type: response.headers["content-type"], body }),
        );
      });
      sent.on("error", reject);
      sent.end();
    });
  }

  it("serves health, metrics and the configuration", async () => {
    const { port } = await start({
      metrics: createMetrics({ processFigures: true }),
      configz: () => ({ percentage: 50 }),
    });
    expect(await get(port, "/healthz")).to.deep.include({ status: 200, body: "ok" });
    expect((await get(port, "/metrics")).body).to.contain("process_cpu_seconds_total");
    expect(await get(port, "/configz")).to.deep.equal({
      status: 200,
      type: "application/json",
      body: '{"percentage":50}',
    });
    expect(await get(port, "/nothing")).to.deep.include({ status: 404 });
  });

  it("asks whether a request may see more than health", async () => {
    const { port } = await start({
      metrics: createMetrics({ processFigures: false }),
      authorize: async ({ url }) =>
        url === "/metrics" ? { allowed: false, status: 403, reason: "not for you" } : { allowed: true },
    });
    const refused = await get(port, "/metrics");
    expect(JSON.parse(refused.body)).to.deep.include({
      kind: "Status",
      code: 403,
      reason: "Forbidden",
      message: "forbidden: not for you",
    });
    expect(refused.status).to.equal(403);
    expect(await get(port, "/livez")).to.deep.include({ status: 200 });
  });

  it("lets a program answer further paths", async () => {
    const { port } = await start({
      handle({ url }, response) {
        if (url !== "/more") return false;
        response.end("more");
        return true;
      },
    });
    expect(await get(port, "/more")).to.deep.include({ status: 200, body: "more" });
  });

  it("says which port is taken, and refuses plain HTTP where others can reach it", async () => {
    const { port } = await start();
    const again = await startHealthServer({ host: "127.0.0.1", port, logger: silentLogger }).catch(
      (error: unknown) => error,
    );
    expect(String(again)).to.contain(`cannot listen on 127.0.0.1:${port}: another program uses this port`);
    const open = await startHealthServer({ host: "0.0.0.0", port: 0, logger: silentLogger }).catch(
      (error: unknown) => error,
    );
    expect(String(open)).to.contain("plain HTTP is served on loopback only");
  });

  it("knows addresses with ports", () => {
    expect(parseHostPort("127.0.0.1:10248")).to.deep.equal({ host: "127.0.0.1", port: 10248 });
    expect(parseHostPort("[::1]:1")).to.deep.equal({ host: "::1", port: 1 });
    expect(parseHostPort(":80")).to.deep.equal({ host: "0.0.0.0", port: 80 });
    for (const bad of ["", "a", "a:", "a:99999", "::1:1"])
      expect(() => parseHostPort(bad), bad).to.throw("not an address with a port");
  });
});

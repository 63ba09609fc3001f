import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { createMetrics, type Logger, silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { startHealthServer } from "../health/health-server.ts";
import { type TestAuthority, type TestCertificate, testAuthority } from "../testing/index.ts";
import { openTlsFiles } from "./tls-files.ts";

describe("TLS files", () => {
  let dir: string;
  let authority: TestAuthority;
  const clock = new FakeClock(Date.now());
  before(async () => {
    authority = await testAuthority();
  });
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "tskube-component-"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const files = () => ({
    certFile: join(dir, "tls.crt"),
    keyFile: join(dir, "tls.key"),
    clientCaFile: join(dir, "ca.crt"),
  });
  function write({ cert, key }: TestCertificate) {
    writeFileSync(files().certFile, cert);
    writeFileSync(files().keyFile, key, { mode: 0o600 });
    writeFileSync(files().clientCaFile, authority.ca);
  }
  const open = (logger: Logger = silentLogger) => openTlsFiles(files(), { clock, logger });

  it("are taken up when renewed, and not while a renewal is half done", async () => {
    write(await authority.issue("first"));
    const tls = open();
    const heard: string[] = [];
    tls.onChange(({ cert }) => heard.push(cert));
    const second = await authority.issue("second");
    writeFileSync(files().certFile, second.cert);
    await clock.advance(10_000);
    expect(heard).to.deep.equal([]); // the key is still the first's
    write(second);
    await clock.advance(10_000);
    expect(heard).to.deep.equal([second.cert]);
    expect(tls.current.cert).to.equal(second.cert);
    tls.close();
    expect(clock.pending).to.equal(0);
  });

  it("are refused with a reason", async () => {
    expect(() => open()).to.throw(`certificate file ${files().certFile} does not exist`);
    write(await authority.issue("expired", { notAfter: new Date(clock.now() - 2_000) }));
    expect(() => open()).to.throw(`certificate ${files().certFile} expired on`);
    write({ ...(await authority.issue("one")), key: (await authority.issue("other")).key });
    expect(() => open()).to.throw("cannot be used together");
    write({ cert: "nonsense", key: "nonsense" });
    expect(() => open()).to.throw("holds no certificate in PEM");
  });

  it("give a warning when others can read the key", async () => {
    write(await authority.issue("open"));
    chmodSync(files().keyFile, 0o644);
    const warnings: object[] = [];
    open({ ...silentLogger, warn: (fields) => void warnings.push(fields) }).close();
    expect(warnings).to.deep.equal([{ path: files().keyFile, mode: "0644" }]);
  });

  describe("of a health server", () => {
    function get(port: number, path: string, identity: Partial<TestCertificate> = {}) {
      return new Promise<{ status: number | undefined; peer: string }>((resolve, reject) => {
        const sent = request(
          { host: "127.0.0.1", port, path, agent: false, ca: authority.ca, ...identity },
          (response) => {
            const { subject } = (response.socket as TLSSocket).getPeerCertificate();
            response.resume();
            response.on("end", () => resolve({ status: response.statusCode, peer: String(subject.CN) }));
          },
        );
        sent.on("error", reject);
        sent.end();
      });
    }

    it("let anybody ask for health, certified clients for metrics, and change without a restart", async () => {
      write(await authority.issue("first"));
      const tls = open();
      const server = await startHealthServer({
        host: "127.0.0.1",
        port: 0,
        tls,
        metrics: createMetrics({ processFigures: false }),
        logger: silentLogger,
      });
      const stranger = await (await testAuthority()).issue("stranger");
      expect(await get(server.port, "/healthz")).to.deep.equal({ status: 200, peer: "first" });
      expect((await get(server.port, "/metrics")).status).to.equal(401);
      expect((await get(server.port, "/metrics", stranger)).status).to.equal(401);
      expect((await get(server.port, "/metrics", await authority.issue("client"))).status).to.equal(200);
      write(await authority.issue("second"));
      await clock.advance(10_000);
      expect((await get(server.port, "/healthz")).peer).to.equal("second");
      await server.close();
      tls.close();
    });
  });
});

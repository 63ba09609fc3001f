import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { isUsable, writeNodeKubeconfig } from "./bootstrap-kubeconfig.ts";
import { certificateStore } from "./certificate-store.ts";
import { aPair } from "./testing.ts";

const nowMs = Date.parse("2026-01-02T15:04:05Z");
const hour = 3_600_000;

describe("certificate store", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tskube-store-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("has nothing at first, and the newest certificate under a fixed name later", async () => {
    const store = certificateStore(join(folder, "pki"), "kubelet-client");
    expect(store.current()).to.equal(undefined);
    const [first, second] = [await aPair("CN=a", nowMs, nowMs + hour), await aPair("CN=b", nowMs, nowMs + 2 * hour)];
    store.update(first.certificate, first.key, nowMs);
    expect(store.current()).to.deep.include({ notBeforeMs: nowMs, notAfterMs: nowMs + hour });
    store.update(second.certificate, second.key, nowMs + 1000);
    expect(store.current()?.notAfterMs).to.equal(nowMs + 2 * hour);
    expect(readdirSync(join(folder, "pki")).sort()).to.deep.equal([
      "kubelet-client-2026-01-02-15-04-05.pem",
      "kubelet-client-2026-01-02-15-04-06.pem",
      "kubelet-client-current.pem",
    ]);
    expect(statSync(store.currentPath).mode & 0o777).to.equal(0o600);
    expect(statSync(join(folder, "pki")).mode & 0o777).to.equal(0o700);
    const text = readFileSync(store.currentPath, "utf8");
    expect(text).to.match(/^-----BEGIN CERTIFICATE-----[\s\S]+-----BEGIN EC PRIVATE KEY-----/);
  });

  it("takes no certificate for another key", async () => {
    const store = certificateStore(folder, "kubelet-client");
    const [one, other] = [await aPair("CN=a", nowMs, nowMs + hour), await aPair("CN=b", nowMs, nowMs + hour)];
    expect(() => store.update(one.certificate, other.key, nowMs)).to.throw("cannot be used with its key");
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it("says of broken files that they are", () => {
    writeFileSync(join(folder, "kubelet-client-current.pem"), "nothing");
    expect(() => certificateStore(folder, "kubelet-client").current()).to.throw("holds no private key");
  });
});

describe("kubeconfig of a node", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tskube-kubeconfig-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("names the bootstrap's cluster and the store's certificate, and is good as long as that is", async () => {
    const bootstrap = join(folder, "bootstrap.conf");
    writeFileSync(
      bootstrap,
      JSON.stringify({
        clusters: [{ name: "c", cluster: { server: "https://api:6443", "certificate-authority": "ca.crt" } }],
        users: [{ name: "u", user: { token: "secret" } }],
        contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
        "current-context": "x",
      }),
    );
    writeFileSync(join(folder, "ca.crt"), "");
    const store = certificateStore(join(folder, "pki"), "kubelet-client");
    const kubeconfig = join(folder, "etc", "kubelet.conf");
    const at = (ms: number) => isUsable(kubeconfig, new FakeClock(ms));
    expect(at(nowMs)).to.equal(false);
    writeNodeKubeconfig(kubeconfig, bootstrap, store.currentPath);
    expect(at(nowMs)).to.equal(false);
    const { certificate, key } = await aPair("CN=a", nowMs, nowMs + hour);
    store.update(certificate, key, nowMs);
    expect([at(nowMs), at(nowMs + hour)]).to.deep.equal([true, false]);
    const written = JSON.parse(readFileSync(kubeconfig, "utf8")) as { clusters: { cluster: object }[] };
    expect(written.clusters[0]?.cluster).to.deep.equal({
      server: "https://api:6443",
      "certificate-authority": join(folder, "ca.crt"),
    });
    expect(readFileSync(kubeconfig, "utf8")).to.not.include("secret");
    expect(statSync(kubeconfig).mode & 0o777).to.equal(0o600);
  });
});

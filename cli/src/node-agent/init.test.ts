import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { clusterFromEnvironment } from "./cluster-environment.ts";
import { credentialsOf } from "./credentials.ts";
import { type InitFolders, initialize } from "./init.ts";
import { aComposeEnvironment } from "./testing.ts";

const config = clusterFromEnvironment(aComposeEnvironment());
const urls = { inside: "https://apiserver:6443", outside: "https://127.0.0.1:16443" };
const nowMs = Date.parse("2026-01-01T00:00:00Z");

describe("init of a compose cluster", () => {
  let root: string;
  let folders: InitFolders;

  beforeEach(function () {
    if (process.getuid?.() !== 0) this.skip(); // files are given to other users
    root = mkdtempSync(join(tmpdir(), "tskube-init-"));
    folders = { pki: join(root, "pki"), credentials: join(root, "credentials"), host: join(root, "host") };
    for (const { name } of credentialsOf(config)) mkdirSync(join(folders.credentials, name), { recursive: true });
    mkdirSync(folders.host);
  });
  afterEach(() => {
    if (root) rmSync(root, { recursive: true, force: true });
  });

  it("hands the scheduler its key, readable by its own user alone", async () => {
    await initialize(config, folders, urls, nowMs);
    const given = join(folders.credentials, "scheduler");
    expect(readdirSync(join(given, "pki")).sort()).to.deep.equal([
      "ca.crt",
      "scheduler-server.crt",
      "scheduler-server.key",
      "scheduler.crt",
      "scheduler.key",
    ]);
    const { uid, mode } = statSync(join(given, "pki", "scheduler.key"));
    expect([uid, mode & 0o777]).to.deep.equal([65532, 0o600]);
    const kubeconfig = parse(readFileSync(join(given, "kubeconfigs", "scheduler.conf"), "utf8"));
    expect(kubeconfig.clusters[0].cluster.server).to.equal(urls.inside);
    expect(kubeconfig.users[0].user["client-key"]).to.equal("/etc/tskube/pki/scheduler.key");
  });

  it("keeps the authority when it runs again, and follows a changed port", async () => {
    await initialize(config, folders, urls, nowMs);
    const before = readFileSync(join(folders.pki, "ca.crt"), "utf8");
    const path = await initialize(config, folders, { ...urls, outside: "https://127.0.0.1:7443" }, nowMs);
    expect(readFileSync(join(folders.pki, "ca.crt"), "utf8")).to.equal(before);
    expect(parse(readFileSync(path, "utf8")).clusters[0].cluster.server).to.equal("https://127.0.0.1:7443");
  });

  it("makes certificates for the names by which containers call each other", async () => {
    await initialize(config, folders, urls, nowMs);
    const read = (name: string) => new X509Certificate(readFileSync(join(folders.pki, `${name}.crt`)));
    expect(read("apiserver").checkHost("apiserver")).to.equal("apiserver");
    expect(read("apiserver").checkIP("172.30.40.10")).to.equal("172.30.40.10");
    expect(read("etcd-server").checkHost("etcd")).to.equal("etcd");
    expect(read("kubelet-worker-1").checkIP("172.30.40.21")).to.equal("172.30.40.21");
  });

  it("says which volume is missing instead of losing what it writes", async () => {
    rmSync(join(folders.credentials, "worker-2"), { recursive: true });
    const end = await initialize(config, folders, urls, nowMs).catch(String);
    expect(end).to.contain("mount the volume that worker-2 sees as /etc/tskube");
  });
});

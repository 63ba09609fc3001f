import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKey, isStoreError, openEtcdStore } from "@tskube/store";
import { collectUntil } from "@tskube/store/testing";
import { expect } from "chai";
import { type EtcdProcess, startEtcd } from "./etcd-process.ts";

/** A certificate authority and one certificate of it that serves both sides. */
function makeCertificates(directory: string): { caFile: string; certFile: string; keyFile: string } {
  const file = (name: string) => join(directory, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "ignore" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    file("ca.key"),
    "-out",
    file("ca.crt"),
    "-subj",
    "/CN=test-ca",
    "-days",
    "2",
  );
  openssl("req", ...newKey, "-keyout", file("etcd.key"), "-out", file("etcd.csr"), "-subj", "/CN=etcd");
  writeFileSync(file("ext"), "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n");
  const signing = ["-CA", file("ca.crt"), "-CAkey", file("ca.key"), "-CAcreateserial", "-extfile", file("ext")];
  openssl("x509", "-req", "-in", file("etcd.csr"), ...signing, "-out", file("etcd.crt"), "-days", "2");
  return { caFile: file("ca.crt"), certFile: file("etcd.crt"), keyFile: file("etcd.key") };
}

describe("etcd store over TLS", () => {
  const directory = mkdtempSync(join(tmpdir(), "tskube-etcd-tls-"));
  let etcd: EtcdProcess;
  before(async () => {
    etcd = await startEtcd({ tls: makeCertificates(directory) });
  });
  after(async () => {
    await etcd?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const pem = (name: string) => readFileSync(join(directory, name));

  it("reads, writes and watches with a client certificate", async () => {
    const tls = { ca: pem("ca.crt"), cert: pem("etcd.crt"), key: pem("etcd.key") };
    const store = await openEtcdStore({ endpoints: etcd.endpoints, tls });
    const { revision } = await createKey(store, "/registry/tls", Buffer.from("1"));
    const abort = new AbortController();
    const watch = store.watch({ prefix: "/registry/", fromRevision: revision }, abort.signal);
    expect(await collectUntil(watch, revision)).to.have.length(1);
    abort.abort();
    await store.close();
  });

  it("fails without a client certificate", async () => {
    const store = await openEtcdStore({
      endpoints: etcd.endpoints,
      tls: { ca: pem("ca.crt") },
      requestTimeoutMs: 1_000,
    });
    const failure: unknown = await store.currentRevision().catch((error: unknown) => error);
    expect(isStoreError(failure, "unavailable", "timeout", "unauthenticated")).to.equal(true);
    await store.close();
  });

  it("goes on with another member when one is down", async () => {
    const tls = { ca: pem("ca.crt"), cert: pem("etcd.crt"), key: pem("etcd.key") };
    const store = await openEtcdStore({ endpoints: ["https://127.0.0.1:1", ...etcd.endpoints], tls });
    for (let i = 0; i < 10; i++) {
      expect((await createKey(store, `/registry/member-${i}`, Buffer.from("1"))).succeeded).to.equal(true);
    }
    await store.close();
  });
});

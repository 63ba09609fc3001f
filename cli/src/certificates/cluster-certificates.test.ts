import { X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { aClusterConfig } from "../cluster/testing.ts";
import {
  certificateRequests,
  ensureCertificates,
  frontProxyAuthority,
  frontProxyClientName,
  readPair,
} from "./cluster-certificates.ts";

const dayMs = 24 * 60 * 60 * 1000;

describe("cluster certificates", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tskube-pki-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const requests = certificateRequests(aClusterConfig());

  it("have keys that only their owner can read", async () => {
    await ensureCertificates(folder, requests, Date.now());
    const open = readdirSync(folder).filter(
      (file) => file.endsWith(".key") && (statSync(join(folder, file)).mode & 0o077) !== 0,
    );
    expect(open).to.deep.equal([]);
    expect(statSync(folder).mode & 0o777).to.equal(0o700);
  });

  it("name each node as a user of its own in the group of nodes", async () => {
    await ensureCertificates(folder, requests, Date.now());
    expect(new X509Certificate(readPair(folder, "kubelet-client-worker-1").certificate).subject).to.equal(
      "O=system:nodes\nCN=system:node:worker-1",
    );
  });

  it("have the front proxy's of an authority of its own", async () => {
    await ensureCertificates(folder, requests, Date.now());
    const [ca, frontProxyCa, client] = ["ca", frontProxyAuthority, frontProxyClientName].map(
      (name) => new X509Certificate(readPair(folder, name).certificate),
    );
    expect(client?.subject).to.equal("CN=front-proxy-client");
    expect(frontProxyCa && client?.verify(frontProxyCa.publicKey)).to.equal(true);
    expect(ca && client?.verify(ca.publicKey)).to.equal(false);
  });

  it("stay the same from start to start and are renewed by the same CA before they end", async () => {
    const nowMs = Date.now();
    await ensureCertificates(folder, requests, nowMs);
    const first = readPair(folder, "scheduler").certificate;
    const ca = readPair(folder, "ca").certificate;
    await ensureCertificates(folder, requests, nowMs + 200 * dayMs);
    expect(readPair(folder, "scheduler").certificate).to.equal(first);
    await ensureCertificates(folder, requests, nowMs + 300 * dayMs);
    const renewed = new X509Certificate(readPair(folder, "scheduler").certificate);
    expect(Date.parse(renewed.validTo)).to.be.greaterThan(nowMs + 600 * dayMs);
    expect(readPair(folder, "ca").certificate).to.equal(ca);
    expect(renewed.verify(new X509Certificate(ca).publicKey)).to.equal(true);
  });
});

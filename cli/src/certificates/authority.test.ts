import { X509Certificate } from "node:crypto";
import { expect } from "chai";
import { createAuthority, loadAuthority } from "./authority.ts";

const nowMs = Date.now();

describe("certificate authority", () => {
  it("issues client certificates whose subject is the user and its groups", async () => {
    const authority = await createAuthority("kubernetes", nowMs);
    const pair = await authority.issue({
      commonName: "system:node:worker-1",
      organizations: ["system:nodes"],
      usages: ["client"],
    });
    const leaf = new X509Certificate(pair.certificate);
    const ca = new X509Certificate(authority.certificate);
    expect(leaf.subject).to.equal("O=system:nodes\nCN=system:node:worker-1");
    expect(leaf.checkIssued(ca) && leaf.verify(ca.publicKey)).to.equal(true);
    expect(leaf.ca).to.equal(false);
    expect(ca.ca).to.equal(true);
    expect(leaf.keyUsage).to.deep.equal(["1.3.6.1.5.5.7.3.2"]);
    expect(leaf.subjectAltName).to.equal(undefined);
  });

  it("puts names and addresses into server certificates", async () => {
    const authority = await createAuthority("kubernetes", nowMs);
    const pair = await authority.issue({
      commonName: "kube-apiserver",
      dnsNames: ["kubernetes", "localhost"],
      addresses: ["10.96.0.1", "127.0.0.1"],
      usages: ["server"],
    });
    expect(new X509Certificate(pair.certificate).subjectAltName).to.equal(
      "DNS:kubernetes, DNS:localhost, IP Address:10.96.0.1, IP Address:127.0.0.1",
    );
  });

  it("goes on issuing under the same key after it was stored and loaded", async () => {
    const first = await createAuthority("kubernetes", nowMs);
    const again = await loadAuthority({ certificate: first.certificate, key: first.key }, nowMs);
    const pair = await again.issue({ commonName: "x", usages: ["client"] });
    expect(new X509Certificate(pair.certificate).verify(new X509Certificate(first.certificate).publicKey)).to.equal(
      true,
    );
  });
});

import { X509Certificate } from "node:crypto";
import { rmSync } from "node:fs";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import fc from "fast-check";
import { kubeletClientProblem } from "./kubelet-requests.ts";
import { readRequest } from "./request-facts.ts";
import { signingAuthority } from "./signing-authority.ts";
import { csrFor, type TestAuthority, writeAuthority } from "./testing.ts";
import { loadX509 } from "./x509.ts";

const nowMs = Date.parse("2026-01-01T00:00:00Z");

describe("subject of a certificate request", () => {
  let authority: TestAuthority;
  before(async () => {
    authority = await writeAuthority(nowMs + 1e10);
  });
  after(() => rmSync(authority.directory, { recursive: true }));

  async function signed(request: string): Promise<X509Certificate> {
    const signer = signingAuthority(authority.files, 1e9, new FakeClock(nowMs));
    return new X509Certificate(await signer.sign(await readRequest(request), ["client auth"], undefined));
  }

  it("has one common name, the last, which is also the one that is signed", async () => {
    const request = await csrFor([
      { CN: [{ utf8String: "system:node:n1" }] },
      { O: [{ utf8String: "system:nodes" }] },
      { CN: [{ utf8String: "kubernetes-admin" }] },
    ]);
    const facts = await readRequest(request);
    expect(facts.commonName).to.equal("kubernetes-admin");
    expect(kubeletClientProblem(facts, ["digital signature", "client auth"])).to.equal(
      "subject common name does not begin with system:node:",
    );
    expect((await signed(request)).subject).to.equal("O=system:nodes\nCN=kubernetes-admin");
  });

  it("is signed with all that Go would keep of it, and nothing else", async () => {
    const request = await csrFor([
      { CN: [{ utf8String: "ann" }] },
      { "2.5.4.42": [{ utf8String: "a given name" }] },
      { O: [{ utf8String: "a" }, { utf8String: "b" }] },
      { C: [{ printableString: "DE" }] },
    ]);
    expect((await signed(request)).subject).to.equal("C=DE\nO=a\nO=b\nCN=ann");
  });

  it("means the same to who signs and to who reads the certificate, whatever is in it", async () => {
    const { X509Certificate: Parsed } = await loadX509();
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" }), async (name) => {
        const request = await csrFor([{ CN: [{ utf8String: name }] }]);
        expect((await readRequest(request)).commonName).to.equal(name);
        const certificate = await signed(request);
        expect(new Parsed(certificate.raw).subjectName.getField("CN")).to.deep.equal([name]);
      }),
      { numRuns: 20, examples: [["#0c0161"], ['a,b+c="d"'], ["CN=b, O=system:masters"], ["a\\, b"]] },
    );
  });
});

import { X509Certificate } from "node:crypto";
import { rmSync } from "node:fs";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { readRequest } from "./request-facts.ts";
import { lifeMs, signingAuthority, validity } from "./signing-authority.ts";
import { csrFor, rsa, type TestAuthority, writeAuthority } from "./testing.ts";

const hour = 3_600_000;
const year = 365 * 24 * hour;
const nowMs = Date.parse("2026-01-01T00:00:00Z");

describe("signing authority", () => {
  const opened: TestAuthority[] = [];
  after(() => {
    for (const { directory } of opened) rmSync(directory, { recursive: true });
  });
  const open = async (...parameters: Parameters<typeof writeAuthority>) => {
    const authority = await writeAuthority(...parameters);
    opened.push(authority);
    return authority;
  };

  it("signs what is asked for and nothing more", async () => {
    const { files, certificate } = await open(nowMs + 10 * year);
    const request = await readRequest(
      await csrFor("O=system:nodes, CN=system:node:n1", [
        { type: "dns", value: "n1" },
        { type: "ip", value: "10.0.0.1" },
      ]),
    );
    const usages = ["digital signature", "server auth"];
    const leaf = new X509Certificate(
      await signingAuthority(files, year, new FakeClock(nowMs)).sign(request, usages, 7200),
    );
    const ca = new X509Certificate(certificate);
    expect(leaf.subject).to.equal("O=system:nodes\nCN=system:node:n1");
    expect(leaf.subjectAltName).to.equal("DNS:n1, IP Address:10.0.0.1");
    expect(leaf.keyUsage).to.deep.equal(["1.3.6.1.5.5.7.3.1"]);
    expect([leaf.ca, leaf.checkIssued(ca), leaf.verify(ca.publicKey)]).to.deep.equal([false, true, true]);
    expect(Date.parse(leaf.validFrom)).to.equal(nowMs - 5 * 60_000);
    expect(Date.parse(leaf.validTo)).to.equal(nowMs + 2 * hour);
  });

  it("signs with an RSA key too, and with the files that are there now", async () => {
    const first = await open(nowMs + year);
    const second = await open(nowMs + year, rsa);
    const files = { ...first.files };
    const authority = signingAuthority(files, year, new FakeClock(nowMs));
    const request = await readRequest(await csrFor("CN=ann"));
    const isBy = async ({ certificate }: TestAuthority) => {
      const leaf = new X509Certificate(await authority.sign(request, ["client auth"], undefined));
      return leaf.verify(new X509Certificate(certificate).publicKey);
    };
    expect(await isBy(first)).to.equal(true);
    Object.assign(files, second.files);
    expect(await isBy(second)).to.equal(true);
  });

  it("is none without files that can be read", () => {
    const files = { certFile: "/nowhere/ca.crt", keyFile: "/nowhere/ca.key" };
    expect(() => signingAuthority(files, year, new FakeClock(nowMs))).to.throw("cannot read the signing certificate");
  });

  it("gives at most what it may, and at least ten minutes", () => {
    expect(lifeMs(undefined, year)).to.equal(year);
    expect(lifeMs(3600, year)).to.equal(hour);
    expect(lifeMs(1, year)).to.equal(600_000);
    expect(lifeMs(2 * 365 * 24 * 3600, year)).to.equal(year);
  });

  it("dates back the whole of a long life and only the begin of a short one, and ends with its own", () => {
    const ends = (life: number, authority = nowMs + 10 * year) => validity(life, nowMs, authority).notAfter.getTime();
    expect(ends(7 * hour)).to.equal(nowMs + 7 * hour);
    expect(ends(8 * hour)).to.equal(nowMs + 8 * hour - 300_000);
    expect(ends(year, nowMs + hour)).to.equal(nowMs + hour);
  });
});

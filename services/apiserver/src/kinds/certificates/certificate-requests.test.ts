import "reflect-metadata"; // what @peculiar/x509 wires itself up with
import { webcrypto } from "node:crypto";
import { Pkcs10CertificateRequestGenerator, X509CertificateGenerator } from "@peculiar/x509";
import type { CertificateSigningRequest } from "@tskube/api";
import { field } from "@tskube/apimachinery";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import fc from "fast-check";
import { cellsAt } from "../../http/table-columns.ts";
import { certificateRequestProblem } from "./certificate-request.ts";
import { certificateRequests } from "./strategy.ts";

type Algorithm = Parameters<typeof webcrypto.subtle.generateKey>[0];

async function csrWith(algorithm: Algorithm): Promise<string> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: "CN=ann, O=devs",
    keys,
    signingAlgorithm: algorithm as never,
  });
  return request.toString("pem");
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const rsa = (name: string, hash = "SHA-256") => ({
  name,
  hash,
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  saltLength: 32,
});

describe("certificate request", () => {
  const kinds: readonly [string, Algorithm][] = [
    ["ECDSA P-256", ecdsa],
    ["ECDSA P-384", { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" } as Algorithm],
    ["RSA", rsa("RSASSA-PKCS1-v1_5")],
    ["RSA with SHA-512", rsa("RSASSA-PKCS1-v1_5", "SHA-512")],
    ["RSA-PSS", rsa("RSA-PSS")],
    ["Ed25519", { name: "Ed25519" }],
  ];
  for (const [name, algorithm] of kinds) {
    it(`is good when its sender holds the ${name} key`, async () => {
      expect(certificateRequestProblem(base64(await csrWith(algorithm)))).to.equal(undefined);
    });
  }

  it("is refused with a digest that is too weak", async () => {
    const pem = await csrWith(rsa("RSASSA-PKCS1-v1_5", "SHA-1"));
    expect(certificateRequestProblem(base64(pem))).to.equal(
      "x509: cannot verify signature: insecure algorithm SHA1-RSA",
    );
  });

  it("is refused with another's signature", async () => {
    const [one, other] = [await csrWith(ecdsa), await csrWith(ecdsa)].map((pem) =>
      Buffer.from(pem.replace(/-----[^-]+-----/g, ""), "base64"),
    );
    // Requests of equal subjects and curves are equally long up to their signatures.
    const mixed = Buffer.concat([(one as Buffer).subarray(0, 120), (other as Buffer).subarray(120)]);
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${mixed.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
    expect(certificateRequestProblem(base64(pem))).to.match(/x509|asn1/);
  });

  it("is refused when it is none", () => {
    const wrongType = "PEM block type must be CERTIFICATE REQUEST";
    expect(certificateRequestProblem("")).to.equal(wrongType);
    expect(certificateRequestProblem(base64("-----BEGIN X-----\nAA==\n-----END X-----\n"))).to.equal(wrongType);
    const broken = "-----BEGIN CERTIFICATE REQUEST-----\nMIH=\n-----END CERTIFICATE REQUEST-----\n";
    expect(certificateRequestProblem(base64(broken))).to.match(/^asn1: /);
  });

  it("is read or refused, whatever the bytes", async () => {
    const pem = await csrWith(ecdsa);
    const der = Buffer.from(pem.replace(/-----[^-]+-----/g, ""), "base64");
    fc.assert(
      fc.property(fc.nat(der.byteLength - 1), fc.nat(255), fc.nat(der.byteLength), (at, byte, length) => {
        const bytes = Buffer.from(der.subarray(0, length));
        if (at < length) bytes[at] = byte;
        const text = `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
        const problem = certificateRequestProblem(base64(text));
        expect(problem === undefined).to.equal(bytes.equals(der));
      }),
      { numRuns: 100 },
    );
  });
});

describe("certificate signing requests", () => {
  const clock = new FakeClock(Date.parse("2026-01-01T00:00:00Z"));
  const strategy = certificateRequests(clock);
  let pem: string;
  before(async () => {
    pem = base64(await csrWith(ecdsa));
  });

  function request(spec: object = {}, status?: object): CertificateSigningRequest {
    return {
      apiVersion: "certificates.k8s.io/v1",
      kind: "CertificateSigningRequest",
      metadata: { name: "r" },
      spec: { request: pem, signerName: "example.com/signer", usages: ["client auth"], ...spec },
      ...(status && { status }),
    } as CertificateSigningRequest;
  }
  const messages = (errors: ReturnType<NonNullable<typeof strategy.validate>> | undefined) =>
    (errors ?? []).map(field.fieldErrorMessage);
  const condition = (type: string, more: object = {}) => ({ type, status: "True", reason: "R", ...more });

  it("hold who asked, whatever they say of that", () => {
    const object = request({ username: "root", uid: "0", groups: ["system:masters"], extra: { a: ["b"] } });
    strategy.noteRequester?.(object, { name: "ann", groups: ["devs"] });
    expect(object.spec).to.deep.equal({ ...request().spec, username: "ann", groups: ["devs"] });
  });

  const wrong: readonly [string, object, string][] = [
    ["no usages", { usages: [] }, "spec.usages: Required value"],
    ["a repeated usage", { usages: ["any", "any"] }, 'spec.usages[1]: Duplicate value: "any"'],
    [
      "a short life",
      { expirationSeconds: 599 },
      "spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)",
    ],
    ["no signer", { signerName: "" }, "spec.signerName: Required value"],
    [
      "the old signer",
      { signerName: "kubernetes.io/legacy-unknown" },
      'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
    ],
    [
      "a signer without a path",
      { signerName: "example.com" },
      `spec.signerName: Invalid value: "example.com": must be a fully qualified domain and path of the form 'example.com/signer-name'`,
    ],
    [
      "a signer of a short domain",
      { signerName: "example/x" },
      'spec.signerName: Invalid value: "example": should be a domain with at least two segments separated by dots',
    ],
    [
      "no request",
      { request: "AAE=" },
      "spec.request: Invalid value: []byte{0x0, 0x1}: PEM block type must be CERTIFICATE REQUEST",
    ],
  ];
  for (const [what, spec, message] of wrong) {
    it(`are refused with ${what}`, () => {
      expect(messages(strategy.validate?.(request(spec)))).to.deep.equal([message]);
    });
  }

  it("are refused when they ask for nothing", () => {
    const empty = { ...request(), spec: {} } as unknown as CertificateSigningRequest;
    expect(messages(strategy.validate?.(empty))).to.deep.equal([
      "spec.request: Invalid value: []byte(nil): PEM block type must be CERTIFICATE REQUEST",
      "spec.usages: Required value",
      "spec.signerName: Required value",
    ]);
    expect(strategy.selectableFields?.["spec.signerName"]?.(empty)).to.equal("");
  });

  it("are refused with an unknown usage, and are told all that are known", () => {
    const [message] = messages(strategy.validate?.(request({ usages: ["sign"] })));
    expect(message).to.match(/^spec\.usages\[0\]: Unsupported value: "sign": supported values: "any", "cert sign"/);
  });

  it("never change what they ask for", () => {
    const changed = request({ signerName: "example.com/other" });
    strategy.prepareForUpdate?.(changed, request());
    expect(changed.spec.signerName).to.equal("example.com/signer");
  });

  it("are approved by their approval alone, which says when", () => {
    const approval = strategy.parts?.["approval"];
    const approved = request(
      { signerName: "example.com/other" },
      { certificate: "x", conditions: [condition("Approved")] },
    );
    approval?.prepareForUpdate?.(approved, request());
    const now = "2026-01-01T00:00:00Z";
    expect(approved.status).to.deep.equal({
      conditions: [condition("Approved", { lastUpdateTime: now, lastTransitionTime: now })],
    });
    expect(approved.spec.signerName).to.equal("example.com/signer");
    expect(messages(approval?.validateUpdate?.(approved, request()))).to.deep.equal([]);
    expect(messages(strategy.status?.validateUpdate?.(approved, request()))).to.deep.equal([
      'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
    ]);
  });

  it("keep a condition's time while its status stays", () => {
    const old = request({}, { conditions: [condition("Ready", { lastTransitionTime: "2020-01-01T00:00:00Z" })] });
    const next = request({}, { conditions: [condition("Ready")] });
    strategy.status?.prepareForUpdate?.(next, old);
    expect(next.status?.conditions?.[0]).to.include({
      lastTransitionTime: "2020-01-01T00:00:00Z",
      lastUpdateTime: "2026-01-01T00:00:00Z",
    });
  });

  it("lose no decision, and have one", () => {
    const approved = request({}, { conditions: [condition("Approved")] });
    const approval = strategy.parts?.["approval"];
    expect(messages(approval?.validateUpdate?.(request({}, { conditions: [] }), approved))).to.deep.equal([
      'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
    ]);
    const both = request({}, { conditions: [condition("Approved"), condition("Denied")] });
    expect(messages(approval?.validateUpdate?.(both, approved))).to.deep.equal([
      'status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
    ]);
    const untrue = request({}, { conditions: [condition("Approved"), condition("Failed", { status: "False" })] });
    expect(messages(strategy.status?.validateUpdate?.(untrue, approved))).to.deep.equal([
      'status.conditions[1].status: Unsupported value: "False": supported values: "True"',
    ]);
  });

  it("have conditions that say of what they are and whether that is so", () => {
    const nameless = request({}, { conditions: [condition("Ready"), {}] });
    expect(messages(strategy.status?.validateUpdate?.(nameless, request()))).to.deep.equal([
      "status.conditions[1].type: Required value",
      "status.conditions[1].status: Required value",
    ]);
  });

  it("get one certificate, by their status", async () => {
    const keys = (await webcrypto.subtle.generateKey(ecdsa, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
    const issued = await X509CertificateGenerator.createSelfSigned({ name: "CN=x", keys, signingAlgorithm: ecdsa });
    const certificate = base64(issued.toString("pem"));
    const done = request({}, { certificate });
    const { status } = strategy;
    expect(messages(status?.validateUpdate?.(done, request()))).to.deep.equal([]);
    expect(messages(strategy.validateUpdate?.(done, request()))).to.deep.equal([
      "status.certificate: Forbidden: updates may not set certificate content",
    ]);
    expect(messages(status?.validateUpdate?.(request({}, { certificate: base64("none") }), request()))).to.deep.equal([
      'status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block',
    ]);
    expect(messages(status?.validateUpdate?.(request(), done))).to.deep.equal([
      "status.certificate: Forbidden: updates may not modify existing certificate content",
    ]);
  });

  it("show in a line what became of them", () => {
    const cells = (object: CertificateSigningRequest) => cellsAt(strategy.columns?.cells(object) ?? [], clock.now());
    const asked = request({ username: "ann", expirationSeconds: 3600 });
    expect(cells(asked)).to.deep.equal(["r", "<unknown>", "example.com/signer", "ann", "60m", "Pending"]);
    const issued = request({}, { certificate: "x", conditions: [condition("Approved")] });
    expect(cells(issued)?.[5]).to.equal("Approved,Issued");
    const failed = request({}, { conditions: [condition("Denied"), condition("Failed")] });
    expect(cells(failed)?.[5]).to.equal("Denied,Failed");
  });
});

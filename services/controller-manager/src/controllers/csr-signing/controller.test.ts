import { X509Certificate } from "node:crypto";
import { rmSync } from "node:fs";
import { kinds } from "@tskube/client";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { aRequest, csrFor, type TestAuthority, writeAuthority } from "../../certificates/testing.ts";
import { csrSigningController } from "./controller.ts";
import { signingOf, signingProblems } from "./options.ts";

const day = 24 * 3_600_000;
const approved = { conditions: [{ type: "Approved", status: "True" }] };
const signerName = "kubernetes.io/kube-apiserver-client";

describe("the controller that signs certificate requests", () => {
  let t: ControllerTest;
  let authority: TestAuthority;
  before(async () => {
    authority = await writeAuthority(Date.parse("2040-01-01T00:00:00Z"));
  });
  after(() => rmSync(authority.directory, { recursive: true }));
  beforeEach(async () => {
    t = controllerTest();
    await t.start(csrSigningController({ files: { [signerName]: authority.files }, maxLifeMs: 365 * day }));
  });
  afterEach(() => t.stop());

  /** Signing takes turns of the event loop that the fake clock knows nothing of. */
  async function settleFor(check: () => boolean): Promise<void> {
    for (const deadline = performance.now() + 10_000; !check() && performance.now() < deadline; ) {
      await new Promise((resolve) => setImmediate(resolve));
      await t.settle();
    }
  }
  const stored = () => t.api.get(kinds.CertificateSigningRequest, "r");

  it("issues a certificate to who is approved", async () => {
    t.api.seed("CertificateSigningRequest", aRequest({ request: await csrFor("CN=ann, O=devs") }, approved));
    await settleFor(() => Boolean(stored()?.status?.certificate));
    const leaf = new X509Certificate(Buffer.from(stored()?.status?.certificate ?? "", "base64"));
    expect(leaf.subject).to.equal("O=devs\nCN=ann");
    expect(leaf.verify(new X509Certificate(authority.certificate).publicKey)).to.equal(true);
  });

  it("says why it does not sign", async () => {
    const request = await csrFor("CN=ann");
    t.api.seed("CertificateSigningRequest", aRequest({ request, usages: ["server auth"] }, approved));
    await settleFor(() => stored()?.status?.conditions?.length === 2);
    expect(stored()?.status?.conditions?.[1]).to.deep.include({
      type: "Failed",
      status: "True",
      reason: "SignerValidationFailure",
      message: "invalid usage for client certificate: server auth",
    });
    expect(stored()?.status?.certificate).to.equal(undefined);
  });

  const ignored: readonly [string, object, object | undefined][] = [
    ["not approved", {}, undefined],
    ["failed", {}, { conditions: [...approved.conditions, { type: "Failed", status: "True" }] }],
    ["for another signer", { signerName: "example.com/mine" }, approved],
    ["issued", {}, { ...approved, certificate: "eA==" }],
  ];
  for (const [what, spec, status] of ignored) {
    it(`leaves a request that is ${what}`, async () => {
      t.api.seed("CertificateSigningRequest", aRequest({ request: await csrFor("CN=ann"), ...spec }, status));
      await t.settle();
      expect(t.api.writes()).to.deep.equal([]);
    });
  }
});

describe("flags of signing", () => {
  const config = (values: object) => ({ clusterSigningDuration: day, ...values }) as Parameters<typeof signingOf>[0];

  it("give all signers the same files, or each its own", () => {
    expect(signingOf(config({}))).to.equal(undefined);
    const shared = signingOf(config({ clusterSigningCertFile: "c", clusterSigningKeyFile: "k" }));
    expect(Object.keys(shared?.files ?? {})).to.have.length(4);
    const own = config({ clusterSigningKubeletServingCertFile: "c", clusterSigningKubeletServingKeyFile: "k" });
    expect(signingOf(own)).to.deep.equal({
      files: { "kubernetes.io/kubelet-serving": { certFile: "c", keyFile: "k" } },
      maxLifeMs: day,
    });
  });

  it("are refused half or both ways at once", () => {
    expect(signingProblems(config({ clusterSigningCertFile: "c" }))).to.have.length(1);
    const both = { clusterSigningCertFile: "c", clusterSigningKeyFile: "k", clusterSigningLegacyUnknownCertFile: "c" };
    expect(signingProblems(config(both))[0]).to.match(/^cannot specify --cluster-signing-\{cert,key\}-file/);
  });
});

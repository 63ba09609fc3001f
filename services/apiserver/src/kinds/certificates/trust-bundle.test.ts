import "reflect-metadata"; // what @peculiar/x509 wires itself up with
import { webcrypto } from "node:crypto";
import { BasicConstraintsExtension, X509CertificateGenerator } from "@peculiar/x509";
import type { certificatesV1beta1 } from "@tskube/api";
import { field } from "@tskube/apimachinery";
import { expect } from "chai";
import { clusterTrustBundles } from "./trust-bundle.ts";

type TrustBundle = certificatesV1beta1.ClusterTrustBundle;

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

async function certificate(isAuthority: boolean): Promise<string> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const made = await X509CertificateGenerator.createSelfSigned({
    name: "CN=root",
    keys,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(isAuthority, undefined, true)],
  });
  return `${made.toString("pem")}\n`;
}

function bundle(name: string, spec: TrustBundle["spec"]): TrustBundle {
  return { apiVersion: "certificates.k8s.io/v1beta1", kind: "ClusterTrustBundle", metadata: { name }, spec };
}

const messages = (errors: ReturnType<NonNullable<typeof clusterTrustBundles.validate>> | undefined) =>
  (errors ?? []).map(field.fieldErrorMessage);

describe("cluster trust bundles", () => {
  let root: string;
  let other: string;
  let leaf: string;
  before(async () => {
    [root, other, leaf] = [await certificate(true), await certificate(true), await certificate(false)];
  });
  const validate = (name: string, spec: TrustBundle["spec"]) =>
    messages(clusterTrustBundles.validate?.(bundle(name, spec)));

  it("are named for their signer, or without a colon", () => {
    expect(validate("roots", { trustBundle: root + other })).to.deep.equal([]);
    const signerName = "example.com/mine";
    expect(validate("example.com:mine:roots", { signerName, trustBundle: root })).to.deep.equal([]);
    expect(validate("a:b", { trustBundle: root })).to.deep.equal([
      'metadata.name: Invalid value: "a:b": ClusterTrustBundle without signer name must not have ":" in its name',
    ]);
    expect(validate("roots", { signerName, trustBundle: root })).to.deep.equal([
      'metadata.name: Invalid value: "roots": ClusterTrustBundle for signerName example.com/mine must be named with prefix example.com:mine:',
    ]);
  });

  it("hold certificates of authorities, each once", () => {
    const problems = (trustBundle: string) =>
      validate("roots", { trustBundle }).map((message) =>
        message.replace('spec.trustBundle: Invalid value: "<value omitted>": ', ""),
      );
    const block = (type: string) => `-----BEGIN ${type}-----\nAAAA\n-----END ${type}-----\n`;
    expect(problems("")).to.deep.equal(["at least one trust anchor must be provided"]);
    expect(problems(root + leaf)).to.deep.equal(["entry 1 does not have the CA bit set"]);
    expect(problems(block("PRIVATE KEY") + block("CERTIFICATE"))).to.deep.equal([
      "entry 0 has bad block type: PRIVATE KEY",
      "entry 1 does not parse as X.509",
    ]);
    expect(problems(root + other + root)).to.deep.equal(["duplicate trust anchor (indices [0 2])"]);
    expect(problems("x".repeat(1024 * 1024 + 1))).to.deep.equal([
      "spec.trustBundle: Too long: may not be more than 1048576 bytes",
    ]);
  });

  it("stay with their signer, and keep what was good when it was stored", () => {
    const old = bundle("example.com:mine:roots", { signerName: "example.com/mine", trustBundle: leaf });
    const update = (spec: TrustBundle["spec"]) =>
      messages(clusterTrustBundles.validateUpdate?.(bundle("example.com:mine:roots", spec), old));
    expect(update(old.spec)).to.deep.equal([]);
    expect(update({ ...old.spec, signerName: "example.com/other" })).to.deep.equal([
      'spec.signerName: Invalid value: "example.com/other": field is immutable',
    ]);
    expect(update({ ...old.spec, trustBundle: "" })).to.have.length(1);
  });

  it("are found and shown by their signer", () => {
    const nobodys = bundle("roots", { trustBundle: root });
    expect(clusterTrustBundles.columns?.cells(nobodys)).to.deep.equal(["roots", "<none>"]);
    expect(clusterTrustBundles.selectableFields?.["spec.signerName"]?.(nobodys)).to.equal("");
  });
});

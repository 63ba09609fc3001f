import type { CertificateSigningRequest } from "@tskube/api";
import { expect } from "chai";
import { makeRequest } from "../../auth/testing/make-certificates.ts";
import { admit, depsWith, object, write } from "../testing/write.ts";
import { certificateRequestSubject } from "./certificate-request-subject.ts";
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from "./certificates.ts";

const requests = "certificatesigningrequests";
const group = "certificates.k8s.io";

function csr(signerName: string, more: object = {}, request = ""): CertificateSigningRequest {
  return object<CertificateSigningRequest>(
    "CertificateSigningRequest",
    "r",
    { spec: { signerName, request, usages: [] }, ...more },
    "",
  );
}

describe("CertificateApproval", () => {
  const approve = (signerName: string, isAllowed: (name: string) => boolean) =>
    admit(
      certificateApproval(depsWith(undefined, isAllowed)),
      write(`${requests}/approval.${group}`, csr(signerName), { operation: "UPDATE", oldObject: csr(signerName) }),
    );

  it("takes the right to approve for the signer or its whole domain", async () => {
    expect(await approve("example.com/a", (name) => name === "example.com/a")).to.equal("");
    expect(await approve("example.com/a", (name) => name === "example.com/*")).to.equal("");
    expect(await approve("example.com/a", () => false)).to.equal(
      'certificatesigningrequests.certificates.k8s.io "r" is forbidden: user not permitted to approve requests with signerName "example.com/a"',
    );
  });
});

describe("CertificateSigning", () => {
  const sign = (status: object) =>
    admit(
      certificateSigning(depsWith(undefined, () => false)),
      write(`${requests}/status.${group}`, csr("example.com/a", { status }), {
        operation: "UPDATE",
        oldObject: csr("example.com/a"),
      }),
    );

  it("takes the right to sign to issue a certificate or to say what became of a request, and nothing for other changes", async () => {
    expect(await sign({ certificate: "AAAA" })).to.contain(
      'user not permitted to sign requests with signerName "example.com/a"',
    );
    expect(await sign({ conditions: [{ type: "Failed", status: "True" }] })).to.contain("not permitted to sign");
    expect(await sign({ conditions: [{ type: "Checked", status: "True" }] })).to.contain("not permitted to sign");
    expect(await sign({ conditions: [] })).to.equal("");
  });
});

describe("CertificateSubjectRestriction", () => {
  const create = async (signerName: string, subject: string) =>
    admit(
      certificateSubjectRestriction,
      write(`${requests}.${group}`, csr(signerName, {}, await makeRequest(subject))),
    );

  it("lets nobody become a master by the client signer", async () => {
    const signer = "kubernetes.io/kube-apiserver-client";
    expect(await create(signer, "CN=ann, O=system:masters")).to.contain(
      "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed",
    );
    expect(await create(signer, "CN=ann, O=devs")).to.equal("");
    expect(await create("example.com/a", "CN=ann, O=system:masters")).to.equal("");
  });
});

describe("certificateRequestSubject", () => {
  it("takes the last of several common names, as authentication does", async () => {
    const request = await makeRequest("CN=system:node:n1, O=system:nodes, CN=kubernetes-admin");
    expect(await certificateRequestSubject(request)).to.deep.equal({
      commonName: "kubernetes-admin",
      organizations: ["system:nodes"],
    });
  });
});

import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CertificateSigningRequest } from "@tskube/api";
import { parseTime } from "@tskube/apimachinery";
import { type Client, createClient, kinds } from "@tskube/client";
import { expect } from "chai";
import { createRequest } from "../../../services/kubelet/src/certificates/create-request.ts";
import { eventually } from "../../framework/eventually.ts";
import { senderOver } from "../apiserver/open-test-server.ts";
import { type SigningCluster, startSigningCluster } from "./signing-cluster.ts";

const run = promisify(execFile);
const cached = ["v1.33", "v1.34", "v1.35"].map((version) => join(homedir(), ".cache", "tskube", version, "kubectl"));
const kubectlPath = ["/usr/bin/kubectl", "/usr/local/bin/kubectl", ...cached].filter((path) => existsSync(path)).at(-1);

describe("certificate requests", function () {
  this.timeout(60_000);
  let cluster: SigningCluster;
  let admin: Client;
  before(async () => {
    cluster = await startSigningCluster();
    ({ admin } = cluster);
  });
  after(() => cluster.close());

  async function fileRequest(name: string, spec: object = {}, organizations: readonly string[] = ["devs"]) {
    const { request, key } = await createRequest({ commonName: "ann", organizations, names: [] });
    await admin.certificatesigningrequests().create({
      metadata: { name },
      spec: {
        request: Buffer.from(request).toString("base64"),
        signerName: "kubernetes.io/kube-apiserver-client",
        usages: ["client auth", "digital signature"],
        expirationSeconds: 3600,
        ...spec,
      },
    });
    return key;
  }
  const issued = (name: string) =>
    eventually(async () => {
      const { status } = await admin.certificatesigningrequests().get(name);
      if (!status?.certificate) throw new Error("not issued yet");
      return Buffer.from(status.certificate, "base64").toString();
    });

  it("are approved or denied with kubectl, and whoever is approved becomes who the certificate says", async function () {
    if (!kubectlPath) return this.skip();
    const kubeconfig = await cluster.api.kubeconfig();
    const kubectl = async (...words: string[]) => {
      const { stdout } = await run(kubectlPath, ["--kubeconfig", kubeconfig, ...words], { timeout: 30_000 });
      return stdout;
    };
    const key = await fileRequest("ann");
    await fileRequest("bob");
    const table = await kubectl("get", "csr", "ann");
    expect(table).to.match(/^NAME +AGE +SIGNERNAME +REQUESTOR +REQUESTEDDURATION +CONDITION\n/);
    expect(table).to.match(/\nann +\S+ +kubernetes\.io\/kube-apiserver-client +kubernetes-admin +60m +Pending\n/);
    expect(await kubectl("certificate", "approve", "ann")).to.equal(
      "certificatesigningrequest.certificates.k8s.io/ann approved\n",
    );
    expect(await kubectl("certificate", "deny", "bob")).to.equal(
      "certificatesigningrequest.certificates.k8s.io/bob denied\n",
    );
    const cert = await issued("ann");
    expect(await kubectl("get", "csr", "ann")).to.include("Approved,Issued");
    expect(await kubectl("get", "csr", "bob")).to.include("Denied");
    const [condition] = (await admin.certificatesigningrequests().get("ann")).status?.conditions ?? [];
    expect(condition).to.include({ type: "Approved", status: "True", reason: "KubectlApprove" });
    expect(parseTime(condition?.lastTransitionTime ?? "")).to.be.a("number");

    expect(await whoami(cert, key))
      .to.include({ username: "ann" })
      .and.to.have.property("groups")
      .that.includes("devs");
  });

  async function whoami(cert: string, key: string): Promise<unknown> {
    const material = { ca: readFileSync(cluster.api.authority.certFile, "utf8"), cert, key };
    const client = createClient(
      { server: cluster.api.server, tls: () => material, namespace: "default" },
      { userAgent: "test", qps: -1 },
    );
    const reviews = {
      group: "authentication.k8s.io",
      version: "v1",
      resource: "selfsubjectreviews",
      kind: "SelfSubjectReview",
      namespaced: false,
    } as const;
    try {
      const review = await client.resource(reviews).create({ metadata: {} });
      return (review as unknown as { status: { userInfo: unknown } }).status.userInfo;
    } finally {
      client.close();
    }
  }

  it("have an approval that is read, patched and replaced, and changes nothing else", async () => {
    await fileRequest("verbs");
    const send = senderOver(admin.transport);
    const path = "/apis/certificates.k8s.io/v1/certificatesigningrequests/verbs";
    const condition = (type: string) => ({ type, status: "True", reason: "Test" });
    expect((await send("GET", `${path}/approval`)).json).to.have.property("kind", "CertificateSigningRequest");
    const patch = { spec: { usages: ["any"] }, status: { certificate: "eA==", conditions: [condition("Checked")] } };
    const patched = await send("PATCH", `${path}/approval`, patch, { "content-type": "application/merge-patch+json" });
    expect(patched.status).to.equal(200);
    expect(patched.json).to.have.nested.property("spec.usages").that.deep.equals(["client auth", "digital signature"]);
    expect(patched.json).to.not.have.nested.property("status.certificate");
    const replaced = { ...patched.json, status: { conditions: [condition("Checked"), condition("Denied")] } };
    expect((await send("PUT", `${path}/approval`, replaced)).status).to.equal(200);
    const both = { status: { conditions: [condition("Denied"), condition("Approved")] } };
    const refused = await send("PATCH", `${path}/approval`, both, { "content-type": "application/merge-patch+json" });
    expect([refused.status, String(Object(refused.json).message)]).to.deep.equal([
      422,
      'CertificateSigningRequest.certificates.k8s.io "verbs" is invalid: status.conditions[1].type: Invalid value: "Approved": Approved and Denied conditions are mutually exclusive',
    ]);
  });

  it("live as long as they ask for", async () => {
    await fileRequest("short", { expirationSeconds: 600 });
    await approve("short");
    const { validTo } = new X509Certificate(await issued("short"));
    expect(Date.parse(validTo) - Date.now()).to.be.within(500_000, 601_000);
  });

  async function approve(name: string): Promise<void> {
    const request = await admin.certificatesigningrequests().get(name);
    const condition = { type: "Approved", status: "True", reason: "Test" } as const;
    await admin
      .certificatesigningrequests()
      .sub<CertificateSigningRequest>(name, "approval")
      .update({ ...request, status: { conditions: [condition] } });
  }

  it("fail with the signer's reason when they are not for it", async () => {
    await fileRequest("serving", { usages: ["server auth"] });
    await approve("serving");
    const condition = await eventually(async () => {
      const { status } = await admin.certificatesigningrequests().get("serving");
      const found = status?.conditions?.find(({ type }) => type === "Failed");
      if (!found) throw new Error("not failed yet");
      return found;
    });
    expect(condition).to.include({
      reason: "SignerValidationFailure",
      message: "invalid usage for client certificate: server auth",
    });
  });

  it("make nobody a master", async () => {
    const error: unknown = await fileRequest("master", {}, ["system:masters"]).catch((thrown: unknown) => thrown);
    expect(String(error)).to.include(
      "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed",
    );
  });

  it("are found by their signer", async () => {
    const fieldSelector = "spec.signerName=kubernetes.io/kubelet-serving";
    expect((await admin.certificatesigningrequests().list({ fieldSelector })).items).to.deep.equal([]);
  });

  it("sign cluster-info with the tokens that are for that, and end with them", async () => {
    const data = { "token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-signing": "true" };
    const token = (expiration: string) => ({
      metadata: { name: "bootstrap-token-abcdef", namespace: "kube-system" },
      type: "bootstrap.kubernetes.io/token",
      stringData: { ...data, expiration },
    });
    await eventually(() => admin.namespaces().get("kube-public"));
    await admin
      .configmaps("kube-public")
      .create({ metadata: { name: "cluster-info" }, data: { kubeconfig: "apiVersion: v1\n" } });
    await admin.secrets("kube-system").create(token(new Date(Date.now() + 3600_000).toISOString()));
    const signatures = async () => {
      const map = await admin.configmaps("kube-public").get("cluster-info");
      return Object.keys(map.data ?? {}).filter((key) => key.startsWith("jws-kubeconfig-"));
    };
    await eventually(async () => expect(await signatures()).to.deep.equal(["jws-kubeconfig-abcdef"]));
    const secrets = admin.resource(kinds.Secret, "kube-system");
    await secrets.patch("bootstrap-token-abcdef", { stringData: { expiration: "2020-01-01T00:00:00Z" } });
    await eventually(async () => expect(await signatures()).to.deep.equal([]));
    await eventually(async () => {
      const { items } = await secrets.list({ fieldSelector: "type=bootstrap.kubernetes.io/token" });
      expect(items).to.deep.equal([]);
    });
  });
});

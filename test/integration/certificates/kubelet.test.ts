import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CertificateSigningRequest } from "@tskube/api";
import { Closer, createMetrics, silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { type Client, createClient } from "@tskube/client";
import { expect } from "chai";
import { openIssuedServing, openNodeClient } from "../../../services/kubelet/src/certificates/open-certificates.ts";
import { type KubeletConfig, options } from "../../../services/kubelet/src/config.ts";
import { eventually } from "../../framework/eventually.ts";
import { type SigningCluster, startSigningCluster } from "./signing-cluster.ts";

const minute = 60_000;
const reviews = {
  group: "authentication.k8s.io",
  version: "v1",
  resource: "selfsubjectreviews",
  kind: "SelfSubjectReview",
  namespaced: false,
} as const;

async function whoami(client: Client): Promise<{ readonly username: string; readonly groups: readonly string[] }> {
  const review: unknown = await client.resource(reviews).create({ metadata: {} });
  return (review as { status: { userInfo: { username: string; groups: string[] } } }).status.userInfo;
}

describe("kubelet's certificates", function () {
  this.timeout(60_000);
  let cluster: SigningCluster;
  let folder: string;
  const token = "joinme.0123456789abcdef";

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tskube-kubelet-pki-"));
    cluster = await startSigningCluster();
    const [id = "", secret = ""] = token.split(".");
    await cluster.admin.secrets("kube-system").create({
      metadata: { name: `bootstrap-token-${id}`, namespace: "kube-system" },
      type: "bootstrap.kubernetes.io/token",
      stringData: { "token-id": id, "token-secret": secret, "usage-bootstrap-authentication": "true" },
    });
    writeFileSync(join(folder, "bootstrap.conf"), bootstrapConfig(), { mode: 0o600 });
  });
  after(async () => {
    await cluster.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function bootstrapConfig(): string {
    const { server, authority } = cluster.api;
    return JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster: { server, "certificate-authority": authority.certFile } }],
      users: [{ name: "u", user: { token } }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    });
  }

  const kubeconfig = () => join(folder, "kubelet.conf");
  const configOf = (more: Partial<KubeletConfig> = {}) =>
    ({
      ...Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default])),
      kubeApiQps: -1,
      rootDir: folder,
      kubeconfig: kubeconfig(),
      nodeIp: ["192.0.2.1"],
      ...more,
    }) as KubeletConfig;
  const depsOf = (shares: number[] = []) => ({
    clock: new FakeClock(Date.now()),
    logger: silentLogger,
    metrics: createMetrics({ processFigures: false }),
    random: () => shares.shift() ?? 1,
  });
  const live = new AbortController().signal;
  async function open(config: KubeletConfig, deps: ReturnType<typeof depsOf>, closer: Closer): Promise<Client> {
    const client = await openNodeClient(config, "n1", deps, closer, live);
    if (!client) throw new Error("nothing came of it");
    return client;
  }
  const pki = (name: string) => join(folder, "pki", name);
  const current = () => new X509Certificate(readFileSync(pki("kubelet-client-current.pem")));

  it("begin with a bootstrap token, which is needed once", async () => {
    const closer = new Closer();
    const config = configOf({ bootstrapKubeconfig: join(folder, "bootstrap.conf") });
    const client = await open(config, depsOf(), closer);
    const user = await whoami(client);
    expect(user.username).to.equal("system:node:n1");
    expect(user.groups).to.include("system:nodes");
    await closer.close();

    expect(current().subject).to.equal("O=system:nodes\nCN=system:node:n1");
    expect(readlinkSync(pki("kubelet-client-current.pem"))).to.match(/^kubelet-client-\d{4}(-\d\d){5}\.pem$/);
    expect(statSync(pki("kubelet-client-current.pem")).mode & 0o777).to.equal(0o600);
    expect(readFileSync(kubeconfig(), "utf8")).to.include("kubelet-client-current.pem").and.not.include(token);
    const { items } = await cluster.admin.certificatesigningrequests().list();
    expect(items).to.have.length(1);
    expect(items[0]?.spec).to.include({
      username: "system:bootstrap:joinme",
      signerName: "kubernetes.io/kube-apiserver-client-kubelet",
    });
    expect(items[0]?.status?.conditions?.[0]).to.include({ type: "Approved", reason: "AutoApproved" });

    // A kubelet that starts again has what it needs.
    const again = new Closer();
    await whoami(await open(config, depsOf(), again));
    await again.close();
    expect((await cluster.admin.certificatesigningrequests().list()).items).to.have.length(1);
  });

  it("are renewed by the node itself before they end", async () => {
    const closer = new Closer();
    // The first certificate is due after seven tenths of its life, the second after nine.
    const deps = depsOf([0, 1]);
    const client = await open(configOf({ rotateCertificates: true }), deps, closer);
    const first = current();
    const [from, to] = [Date.parse(first.validFrom), Date.parse(first.validTo)];
    await deps.clock.advance(from + 0.7 * (to - from) - deps.clock.now() - minute);
    expect(current().serialNumber).to.equal(first.serialNumber);
    await deps.clock.advance(2 * minute);
    const second = await eventually(() => {
      const found = current();
      if (found.serialNumber === first.serialNumber) throw new Error("not renewed yet");
      return found;
    });
    expect(second.subject).to.equal(first.subject);
    expect(second.publicKey.equals(first.publicKey)).to.equal(false);
    expect((await whoami(client)).username).to.equal("system:node:n1");
    expect(await deps.metrics.metrics()).to.match(/^kubelet_certificate_manager_client_ttl_seconds \d+/m);
    await closer.close();
    const { items } = await cluster.admin.certificatesigningrequests().list();
    expect(items.map(({ spec }) => spec.username)).to.include("system:node:n1");
  });

  it("serve under the node's names once somebody has approved", async () => {
    const closer = new Closer();
    const deps = depsOf();
    const config = configOf({ rotateServerCertificates: true });
    const client = await open(config, deps, closer);
    const given = { current: { cert: "given", key: "given", ca: "ca" }, onChange() {}, close() {} };
    const tls = openIssuedServing(config, "n1", given, client, deps, closer);
    const changed = new Promise<void>((resolve) => tls.onChange(() => resolve()));
    expect(tls.current.cert).to.equal("given");
    await approveServing();
    await changed;
    const { subject, subjectAltName } = new X509Certificate(tls.current.cert);
    expect(subject).to.equal("O=system:nodes\nCN=system:node:n1");
    expect(subjectAltName).to.equal("DNS:n1, IP Address:192.0.2.1");
    expect(tls.current.ca).to.equal("ca");
    expect(readFileSync(pki("kubelet-server-current.pem"), "utf8")).to.include("PRIVATE KEY");
    await closer.close();
  });

  async function approveServing(): Promise<void> {
    const requests = cluster.admin.certificatesigningrequests();
    const request = await eventually(async () => {
      const { items } = await requests.list({ fieldSelector: "spec.signerName=kubernetes.io/kubelet-serving" });
      if (!items[0]) throw new Error("nothing requested yet");
      return items[0];
    });
    const condition = { type: "Approved", status: "True", reason: "Test" } as const;
    await requests
      .sub<CertificateSigningRequest>(request.metadata.name, "approval")
      .update({ ...request, status: { conditions: [condition] } });
  }

  it("are asked for with tokens that are good for that, and for the groups that they give", async () => {
    const secret = "0123456789abcdef";
    const create = (id: string, more: Readonly<Record<string, string>>) =>
      cluster.admin.secrets("kube-system").create({
        metadata: { name: `bootstrap-token-${id}`, namespace: "kube-system" },
        type: "bootstrap.kubernetes.io/token",
        stringData: { "token-id": id, "token-secret": secret, "usage-bootstrap-authentication": "true", ...more },
      });
    await create("groups", { "auth-extra-groups": "system:bootstrappers:workers" });
    await create("signer", { "usage-bootstrap-authentication": "false", "usage-bootstrap-signing": "true" });
    await create("future", { expiration: new Date(Date.now() + 3_600_000).toISOString() });
    const ca = readFileSync(cluster.api.authority.certFile, "utf8");
    const material = { ca };
    const as = async (id: string) => {
      const client = createClient(
        {
          server: cluster.api.server,
          tls: () => material,
          namespace: "default",
          authorization: () => `Bearer ${id}.${secret}`,
        },
        { userAgent: "test", qps: -1 },
      );
      try {
        return await whoami(client);
      } finally {
        client.close();
      }
    };
    const refusal = (id: string) => as(id).then(() => "none", String);
    expect(await as("groups")).to.deep.include({
      username: "system:bootstrap:groups",
      groups: ["system:bootstrappers", "system:bootstrappers:workers", "system:authenticated"],
    });
    expect((await as("future")).username).to.equal("system:bootstrap:future");
    expect(await refusal("signer")).to.include("Unauthorized");
    await cluster.admin
      .secrets("kube-system")
      .patch("bootstrap-token-future", { stringData: { expiration: "2020-01-01T00:00:00Z" } });
    await eventually(async () => expect(await refusal("future")).to.include("Unauthorized"));
  });

  it("are refused to who has no token", async () => {
    const closer = new Closer();
    const file = join(folder, "stranger.conf");
    writeFileSync(file, bootstrapConfig().replace(token, "joinme.0000000000000000"), { mode: 0o600 });
    const stop = new AbortController();
    const config = configOf({ kubeconfig: join(folder, "none.conf"), bootstrapKubeconfig: file });
    // The kubelet would go on trying: its first complaint ends it here.
    const deps = { ...depsOf(), logger: { ...silentLogger, warn: () => stop.abort() } };
    expect(await openNodeClient(config, "n2", deps, closer, stop.signal)).to.equal(undefined);
    expect(existsSync(join(folder, "none.conf"))).to.equal(false);
    expect(
      (await cluster.admin.certificatesigningrequests().list()).items.map(({ spec }) => spec.username),
    ).to.not.include("system:anonymous");
    await closer.close();
  });
});

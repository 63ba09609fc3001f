import { systemClock } from "@tskube/base";
import { httpsTransport } from "@tskube/client";
import { openEtcdStore } from "@tskube/store";
import { expect } from "chai";
import { stringify } from "yaml";
import { at, senderOver } from "../apiserver/open-test-server.ts";
import { type Cluster, startCluster } from "../apiserver/server-processes.ts";
import { encryptionFile, identity, keyed } from "../encryption/encryption-file.ts";
import { type EtcdProcess, startEtcd } from "../store/etcd-process.ts";
import { audience, type Issuer, openIssuer } from "./issuer.ts";
import { type Files, openFiles } from "./outside-server.ts";

const address = "127.0.0.31";
/** Certificates of the cluster name another address. */
const insecure = { insecure: true };
const url = `https://${address}:26443`;

describe("an apiserver as a process", () => {
  let etcd: EtcdProcess;
  let cluster: Cluster;
  let issuer: Issuer;
  let files: Files;
  const encryption = encryptionFile({ resources: ["secrets"], providers: [keyed("aesgcm", ["key1", 1]), identity] });

  before(async function () {
    this.timeout(60_000);
    etcd = await startEtcd();
    cluster = await startCluster(etcd.endpoints);
    issuer = await openIssuer();
    files = openFiles();
  });
  after(async function () {
    this.timeout(30_000);
    await cluster.stop();
    await etcd.stop();
    issuer.close();
    files.remove();
    encryption.remove();
  });

  it("encrypts, authenticates and authorizes as its flags say", async () => {
    const authorizers = [{ type: "RBAC", name: "rbac" }];
    const document = { apiVersion: "apiserver.config.k8s.io/v1", kind: "AuthorizationConfiguration", authorizers };
    const { client } = await cluster.start(address, [
      `--encryption-provider-config=${encryption.path}`,
      "--encryption-provider-config-automatic-reload",
      `--authorization-config=${files.write("authz.yaml", stringify(document))}`,
      `--token-auth-file=${files.write("tokens.csv", 'static-token,ann,1,"dev,ops"\n')}`,
      `--oidc-issuer-url=${issuer.url}`,
      `--oidc-client-id=${audience}`,
      `--oidc-ca-file=${files.write("issuer.crt", issuer.ca)}`,
      "--oidc-signing-algs=ES256",
      "--oidc-groups-claim=groups",
      "--oidc-groups-prefix=oidc:",
    ]);
    await client.secrets("default").create({ metadata: { name: "db" }, stringData: { password: "hidden" } });
    const store = await openEtcdStore({ endpoints: etcd.endpoints });
    const { item } = await store.get("/registry/core/secrets/default/db");
    await store.close();
    expect(item?.value.toString("latin1"))
      .to.match(/^k8s:enc:aesgcm:v1:key1:/)
      .and.not.include("aGlkZGVu");

    const transport = httpsTransport({ server: url, tls: () => insecure, clock: systemClock });
    const send = senderOver(transport);
    const whoAmI = async (token: string) => {
      const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
      const headers = { authorization: `Bearer ${token}` };
      const { json } = await send("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", review, headers);
      return at(json, "status", "userInfo");
    };
    expect(await whoAmI("static-token")).to.deep.equal({
      username: "ann",
      uid: "1",
      groups: ["dev", "ops", "system:authenticated"],
    });
    expect(await whoAmI(await issuer.token({ sub: "bob", groups: ["dev"] }))).to.deep.equal({
      username: `${issuer.url}#bob`,
      groups: ["oidc:dev", "system:authenticated"],
    });
    const refused = await send("GET", "/api/v1/namespaces/default/secrets", undefined, {
      authorization: "Bearer static-token",
    });
    expect(refused.status).to.equal(403);
    transport.close();
  }).timeout(60_000);
});

import { expect } from "chai";
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from "jose";
import { at } from "../integration/apiserver/open-test-server.ts";
import { type Api, openApi } from "./open-api.ts";

const documents = ["/.well-known/openid-configuration", "/openid/v1/jwks"];

describe("conformance: authentication", () => {
  let api: Api;

  before(async function () {
    this.timeout(60_000);
    api = await openApi();
  });
  after(() => api.close());

  it("[sig-auth] ServiceAccounts ServiceAccountIssuerDiscovery should support OIDC discovery of service account issuer [Conformance]", async () => {
    const namespace = "svcaccounts";
    await api.namespace(namespace);
    const rbac = "/apis/rbac.authorization.k8s.io/v1";
    const role = { metadata: { name: "issuer-reader" }, rules: [{ nonResourceURLs: documents, verbs: ["get"] }] };
    await api.send("POST", `${rbac}/clusterroles`, role);
    await api.send("POST", `${rbac}/clusterrolebindings`, {
      metadata: { name: "issuer-reader" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "issuer-reader" },
      subjects: [{ kind: "ServiceAccount", name: "default", namespace }],
    });
    const accountPath = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
    const made = await api.send("POST", `${accountPath}/token`, { spec: { audiences: ["oidc-discovery-test"] } });
    const token = String(at(made.json, "status", "token"));

    const headers = { "impersonate-user": `system:serviceaccount:${namespace}:default` };
    const [configuration, keys] = await Promise.all(documents.map((path) => api.send("GET", path, undefined, headers)));
    expect([configuration?.status, keys?.status]).to.deep.equal([200, 200]);
    expect(configuration?.headers["content-type"]).to.equal("application/json");
    expect(keys?.headers["content-type"]).to.equal("application/jwk-set+json");
    for (const document of [configuration, keys]) {
      expect(document?.headers["cache-control"]).to.equal("public, max-age=3600");
    }
    const issuer = String(at(configuration?.json, "issuer"));
    expect(issuer).to.equal(decodeJwt(token).iss);
    expect(String(at(configuration?.json, "jwks_uri"))).to.match(/\/openid\/v1\/jwks$/);
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys?.json as JSONWebKeySet), {
      issuer,
      audience: "oidc-discovery-test",
    });
    expect(payload.sub).to.equal(`system:serviceaccount:${namespace}:default`);
    expect(payload["kubernetes.io"]).to.have.property("namespace", namespace);
  });
});

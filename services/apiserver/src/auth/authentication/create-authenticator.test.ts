import { generateKeyPairSync } from "node:crypto";
import type { Secret } from "@tskube/api";
import { isUnauthorized } from "@tskube/apimachinery";
import { createMetrics, silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { FakeObjects } from "../testing/fake-objects.ts";
import { makeAuthority, type TestAuthority } from "../testing/make-certificates.ts";
import { createTokenIssuer } from "../tokens/token-issuer.ts";
import { type AuthenticatorOptions, createAuthenticator } from "./create-authenticator.ts";

const signingKey = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
const encode = (text: string) => Buffer.from(text).toString("base64");

function bootstrapSecret(data: Readonly<Record<string, string>> = {}): Secret {
  const values = {
    "token-id": "abcdef",
    "token-secret": "0123456789abcdef",
    "usage-bootstrap-authentication": "true",
    "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
    ...data,
  };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "bootstrap-token-abcdef", namespace: "kube-system" },
    type: "bootstrap.kubernetes.io/token",
    data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, encode(value)])),
  };
}

function setUp(options: Partial<AuthenticatorOptions> = {}, ...secrets: readonly Secret[]) {
  const clock = new FakeClock();
  const objects = new FakeObjects().put("secrets", ...secrets);
  const pem = signingKey.export({ type: "pkcs8", format: "pem" }).toString();
  const issuer = createTokenIssuer({ issuers: ["https://api"], signingKey: pem }, { objects, clock });
  const metrics = createMetrics({ processFigures: false });
  const deps = { objects, issuer, clock, logger: silentLogger, metrics };
  const authenticator = createAuthenticator({ apiAudiences: ["https://api"], ...options }, deps);
  return async (headers: Record<string, string | string[]>, clientCertificate?: Uint8Array) =>
    (await authenticator).authenticate({ headers, path: "/", ...(clientCertificate ? { clientCertificate } : {}) });
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const staticTokens = 'secret1,ann,7,"devs,ops"\n# a comment\nsecret2,bob,8\n';

async function isRefused(attempt: Promise<unknown>): Promise<boolean> {
  return isUnauthorized(await attempt.catch((error: unknown) => error));
}

describe("createAuthenticator", () => {
  it("calls requests without credentials anonymous, or nobody if that is switched off", async () => {
    expect(await setUp()({})).to.deep.equal({ name: "system:anonymous", groups: ["system:unauthenticated"] });
    expect(await setUp({ allowAnonymous: false })({})).to.equal(undefined);
  });

  it("never lets a wrong token pass as anonymous", async () => {
    expect(await isRefused(setUp()(bearer("nonsense")))).to.equal(true);
  });

  it("does not tell whoever tries a token what is wrong with it", async () => {
    const expired = bootstrapSecret({ expiration: "2029-12-31T00:00:00Z" });
    const error = await setUp({}, expired)(bearer("abcdef.0123456789abcdef")).catch((caught: Error) => caught);
    expect(error).to.include({ message: "Unauthorized" });
    expect(error).to.have.nested.property("cause.message", "token has expired");
  });

  it("knows the tokens of a token file, with groups", async () => {
    const authenticate = setUp({ staticTokens });
    expect(await authenticate(bearer("secret1"))).to.deep.equal({
      name: "ann",
      uid: "7",
      groups: ["devs", "ops", "system:authenticated"],
    });
    expect(await authenticate({ authorization: "bearer secret2" })).to.have.property("name", "bob");
  });

  it("takes a token from a WebSocket subprotocol, in upgrades only", async () => {
    const authenticate = setUp({ staticTokens });
    const token = Buffer.from("secret1").toString("base64url");
    const offer = { "sec-websocket-protocol": `v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.${token}` };
    expect(await authenticate({ ...offer, upgrade: "websocket" })).to.have.property("name", "ann");
    expect(await authenticate(offer)).to.have.property("name", "system:anonymous");
  });

  it("knows bootstrap tokens by their secrets", async () => {
    expect(await setUp({}, bootstrapSecret())(bearer("abcdef.0123456789abcdef"))).to.deep.equal({
      name: "system:bootstrap:abcdef",
      groups: ["system:bootstrappers", "system:bootstrappers:kubeadm:default-node-token", "system:authenticated"],
    });
  });

  const badSecrets: readonly [string, Readonly<Record<string, string>>][] = [
    ["of another secret", { "token-secret": "fedcba9876543210" }],
    ["that have expired", { expiration: "2029-12-31T00:00:00Z" }],
    ["with an expiration that cannot be read", { expiration: "tomorrow" }],
    ["not meant for authentication", { "usage-bootstrap-authentication": "false" }],
    ["that would give groups of others", { "auth-extra-groups": "system:masters" }],
  ];
  for (const [what, data] of badSecrets) {
    it(`refuses bootstrap tokens ${what}`, async () => {
      expect(await isRefused(setUp({}, bootstrapSecret(data))(bearer("abcdef.0123456789abcdef")))).to.equal(true);
    });
  }

  describe("with certificates", () => {
    let clients: TestAuthority;
    let proxies: TestAuthority;
    before(async () => {
      clients = await makeAuthority("clients");
      proxies = await makeAuthority("front-proxies");
    });

    it("reads user and groups of a client certificate", async () => {
      const authenticate = setUp({ clientCa: clients.pem });
      const user = await authenticate({}, await clients.issue("CN=ann\\, the first, O=devs, O=ops"));
      expect(user?.name).to.equal("ann, the first");
      expect(user?.groups).to.deep.equal(["devs", "ops", "system:authenticated"]);
      expect(user?.extra?.["authentication.kubernetes.io/credential-id"]?.[0]).to.match(/^X509SHA256=[0-9a-f]{64}$/);
    });

    it("refuses a certificate that has expired on an open connection", async () => {
      const authenticate = setUp({ clientCa: clients.pem });
      const expired = await clients.issue("CN=ann", new Date("2029-12-31T00:00:00Z"));
      expect(await isRefused(authenticate({}, expired))).to.equal(true);
    });

    it("makes no users of the front proxies' authority", async () => {
      const authenticate = setUp({ clientCa: clients.pem, requestHeader: { clientCa: proxies.pem } });
      expect(await authenticate({}, await proxies.issue("CN=root, O=system:masters"))).to.have.property(
        "name",
        "system:anonymous",
      );
    });

    it("reads what a front proxy says in any script, and each group by itself", async () => {
      const requestHeader = { clientCa: proxies.pem, uidHeaders: ["X-Remote-Uid"] };
      const authenticate = setUp({ clientCa: clients.pem, requestHeader });
      const name = Buffer.from("Zoë").toString("latin1");
      const headers = { "x-remote-user": name, "x-remote-uid": "7", "x-remote-group": ["a, b", "c"] };
      expect(await authenticate(headers, await proxies.issue("CN=front-proxy-client"))).to.deep.equal({
        name: "Zoë",
        uid: "7",
        groups: ["a, b", "c", "system:authenticated"],
      });
    });

    it("believes the headers of a trusted front proxy alone", async () => {
      const authenticate = setUp({
        clientCa: clients.pem,
        requestHeader: { clientCa: proxies.pem, allowedNames: ["front-proxy-client"] },
      });
      const headers = { "x-remote-user": "ann", "x-remote-group": "devs", "x-remote-extra-acme.com%2fproject": "blue" };
      expect(await authenticate(headers, await proxies.issue("CN=front-proxy-client"))).to.deep.equal({
        name: "ann",
        groups: ["devs", "system:authenticated"],
        extra: { "acme.com/project": ["blue"] },
      });
      expect(await authenticate(headers, await proxies.issue("CN=someone"))).to.have.property(
        "name",
        "system:anonymous",
      );
      expect(await authenticate(headers, await clients.issue("CN=bob"))).to.have.property("name", "bob");
      expect(await authenticate(headers)).to.have.property("name", "system:anonymous");
    });
  });
});

import { createHash } from "node:crypto";
import { expect } from "chai";
import { stringify } from "yaml";
import { eventually } from "../apiserver/eventually.ts";
import { at } from "../apiserver/open-test-server.ts";
import { audience, type Issuer, openIssuer } from "./issuer.ts";
import { type Asked, type Files, type OutsideServer, openFiles, openOutside } from "./outside-server.ts";

const own = "https://kubernetes.default.svc";
const userOf = ({ json }: Asked) => at(json, "status", "userInfo");

describe("tokens of outside issuers", () => {
  let issuer: Issuer;
  let files: Files;
  let server: OutsideServer;

  const configuration = (jwt: object, more: object = {}) =>
    stringify({ apiVersion: "apiserver.config.k8s.io/v1", kind: "AuthenticationConfiguration", jwt: [jwt], ...more });
  const authenticator = (more: object = {}) => ({
    issuer: { url: issuer.url, certificateAuthority: issuer.ca, audiences: [audience] },
    claimMappings: { username: { claim: "sub", prefix: "oidc:" }, groups: { claim: "groups", prefix: "oidc:" } },
    ...more,
  });
  const take = async (text: string) => {
    files.write("authn.yaml", text);
    const hash = createHash("sha256").update(text).digest("hex");
    await eventually(async () => expect((await metrics()).includes(`hash="sha256:${hash}"`)).to.equal(true), 5_000);
  };
  const metrics = async () => (await server.api.send("GET", "/metrics")).bytes.toString();

  before(async () => {
    issuer = await openIssuer();
    files = openFiles();
    const path = files.write("authn.yaml", configuration(authenticator()));
    server = await openOutside({
      authenticator: { apiAudiences: [own], issuers: { path } },
      authorizationModes: ["AlwaysAllow"],
    });
  });
  after(async () => {
    await server.close();
    issuer.close();
    files.remove();
  });

  it("make users of their claims", async () => {
    const token = await issuer.token({ sub: "ann", groups: ["dev", "ops"] });
    await eventually(async () => expect((await server.whoAmI(token)).status).to.equal(201));
    expect(userOf(await server.whoAmI(token))).to.deep.equal({
      username: "oidc:ann",
      groups: ["oidc:dev", "oidc:ops", "system:authenticated"],
    });
  });

  const refused: readonly [what: string, make: () => Promise<string>, error: string | RegExp][] = [
    [
      "forged",
      () => issuer.token({ sub: "ann" }, { isForged: true }),
      "oidc: verify token: failed to verify signature: failed to verify id token signature",
    ],
    [
      "expired",
      () => issuer.token({ sub: "ann" }, { expiresInSeconds: -5 }),
      /^oidc: verify token: oidc: token is expired/,
    ],
    [
      "for others",
      () => issuer.token({ sub: "ann" }, { audience: "else" }),
      'oidc: verify token: oidc: expected audience "kubernetes" got ["else"]',
    ],
    ["without the claim", () => issuer.token({ name: "ann" }), 'oidc: parse username claims "sub": claim not present'],
    [
      "with groups that are none",
      () => issuer.token({ sub: "ann", groups: [1] }),
      /^oidc: parse groups claim "groups"/,
    ],
  ];
  for (const [what, make, error] of refused) {
    it(`are refused when ${what}, and TokenReviews tell why`, async () => {
      const token = await make();
      const answer = await server.whoAmI(token);
      expect([answer.status, at(answer.json, "message")]).to.deep.equal([401, "Unauthorized"]);
      const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
      const { json } = await server.api.send("POST", "/apis/authentication.k8s.io/v1/tokenreviews", review);
      expect(at(json, "status", "authenticated") ?? false).to.equal(false);
      if (typeof error === "string") expect(at(json, "status", "error")).to.equal(error);
      else expect(at(json, "status", "error")).to.match(error);
    });
  }

  it("may tell where their user's groups are", async () => {
    const source = { endpoint: `${issuer.url}/groups`, access_token: "open sesame" };
    const claims = { sub: "ann", _claim_names: { groups: "a" }, _claim_sources: { a: source } };
    issuer.publish("/groups", "open sesame", await issuer.token({ groups: ["many"] }));
    expect(userOf(await server.whoAmI(await issuer.token(claims)))).to.deep.equal({
      username: "oidc:ann",
      groups: ["oidc:many", "system:authenticated"],
    });
    const problem = async (more: object, document?: string) => {
      if (document !== undefined) issuer.publish("/groups", "open sesame", document);
      const token = await issuer.token({ ...claims, ...more, jti: String(Math.random()) });
      const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
      const { json } = await server.api.send("POST", "/apis/authentication.k8s.io/v1/tokenreviews", review);
      return at(json, "status", "error");
    };
    const prefix = "oidc: could not expand distributed claims: ";
    expect(await problem({ _claim_sources: {} })).to.equal(
      `${prefix}id token _claim_names contained a source a missing in _claims_sources`,
    );
    expect(await problem({}, await issuer.token({ groups: ["all"] }, { audience: "else" }))).to.equal(
      `${prefix}verify distributed claim token: oidc: expected audience "kubernetes" got ["else"]`,
    );
    expect(await problem({}, await issuer.token({ sub: "ann" }))).to.equal(
      `${prefix}jwt returned by distributed claim endpoint "${issuer.url}/groups" did not contain claim: groups`,
    );
    expect(await problem({ _claim_sources: { a: { endpoint: "http://127.0.0.1/groups" } } })).to.equal(
      `${prefix}while getting distributed claim "groups": http://127.0.0.1/groups is not https`,
    );
  });

  it("count with the issuer's new keys as soon as it signs with them", async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // the keys were read just now
    issuer.rotate();
    expect((await server.whoAmI(await issuer.token({ sub: "rotated" }))).status).to.equal(201);
    const before = issuer.asked.length;
    const forged = await Promise.all(Array.from({ length: 20 }, () => issuer.token({ sub: "x" }, { isForged: true })));
    await Promise.all(forged.map((token) => server.whoAmI(token)));
    expect(issuer.asked.length - before).to.be.at.most(1);
  });

  it("are mapped and checked by expressions", async () => {
    await take(
      configuration(
        authenticator({
          claimValidationRules: [
            { claim: "hd", requiredValue: "example.com" },
            { expression: "claims.email_verified == true", message: "address is not verified" },
            { expression: "claims.exp - claims.iat <= 3600", message: "lives too long" },
          ],
          claimMappings: {
            username: { expression: "'ext:' + claims.email.split('@')[0]" },
            groups: { expression: "claims.roles.split(',')" },
            uid: { claim: "sub" },
            extra: [{ key: "example.com/tenant", valueExpression: "claims.tenant" }],
          },
          userValidationRules: [{ expression: "!user.username.startsWith('ext:system')", message: "reserved" }],
        }),
      ),
    );
    const claims = {
      sub: "1",
      email: "ann@example.com",
      email_verified: true,
      hd: "example.com",
      roles: "a,b",
      tenant: "t1",
    };
    expect(userOf(await server.whoAmI(await issuer.token(claims)))).to.deep.equal({
      username: "ext:ann",
      uid: "1",
      groups: ["a", "b", "system:authenticated"],
      extra: { "example.com/tenant": ["t1"] },
    });
    const review = async (more: object, options = {}) => {
      const token = await issuer.token({ ...claims, ...more }, options);
      const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
      return at(
        (await server.api.send("POST", "/apis/authentication.k8s.io/v1/tokenreviews", body)).json,
        "status",
        "error",
      );
    };
    expect(await review({ hd: "else" })).to.equal(
      "oidc: required claim hd value does not match. Got = else, want = example.com",
    );
    expect(await review({}, { expiresInSeconds: 7_200 })).to.equal(
      "oidc: error evaluating claim validation expression: validation expression 'claims.exp - claims.iat <= 3600' failed: lives too long",
    );
    expect(await review({ email: "system@example.com" })).to.equal(
      "oidc: error evaluating user info validation rule: validation expression '!user.username.startsWith('ext:system')' failed: reserved",
    );
  });

  it("leave the doors for anonymous requests to the file", async () => {
    expect((await server.ask("GET", "/api")).status).to.equal(200);
    await take(configuration(authenticator(), { anonymous: { enabled: true, conditions: [{ path: "/livez" }] } }));
    expect((await server.ask("GET", "/livez")).status).to.equal(200);
    expect((await server.ask("GET", "/readyz")).status).to.equal(401);
    expect((await server.ask("GET", "/api")).status).to.equal(401);
  });

  it("go on to count when the file becomes wrong", async () => {
    files.write("authn.yaml", configuration({ ...authenticator(), issuer: { url: "http://x" } }));
    await eventually(async () =>
      expect(await metrics()).to.match(
        /apiserver_authentication_config_controller_automatic_reloads_total\{status="failure"[^}]*\} 1/,
      ),
    );
    expect((await server.whoAmI(await issuer.token({ sub: "ann" }))).status).to.equal(201);
  });
});

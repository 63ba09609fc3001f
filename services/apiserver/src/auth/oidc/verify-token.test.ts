import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { base64url, SignJWT } from "jose";
import { IssuerKeys } from "./issuer-keys.ts";
import { verifyToken } from "./verify-token.ts";

const issuer = "https://issuer";
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = (key: KeyObject, more: object) => ({ ...key.export({ format: "jwk" }), ...more });

async function setUp(published: readonly object[] = [jwk(rsa.publicKey, { kid: "1" })]) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const get = async (url: string) => {
    asked.push(url);
    return JSON.stringify(url.endsWith("/keys") ? { keys: published } : { issuer, jwks_uri: `${issuer}/keys` });
  };
  const { signal } = new AbortController();
  const keys = new IssuerKeys({ url: issuer, discoveryUrl: "", certificateAuthority: "" }, { get, clock, signal });
  await keys.discover();
  const nowSeconds = clock.now() / 1000;
  const options = { issuer, audiences: ["k8s"], algorithms: ["RS256", "ES256"], nowMs: clock.now() };
  return {
    clock,
    asked,
    nowSeconds,
    claims: { iss: issuer, aud: "k8s", exp: nowSeconds + 60, sub: "ann" },
    verify: (token: string) => verifyToken(token, keys, options).catch((error: Error) => error.message),
  };
}

const signed = (claims: object, alg: string, key: KeyObject | Uint8Array, kid?: string) =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg, ...(kid && { kid }) }).sign(key);
const badSignature = "failed to verify signature: failed to verify id token signature";

describe("a token of an outside issuer", () => {
  it("is believed when its issuer signed it", async () => {
    const { verify, claims } = await setUp();
    expect(await verify(await signed(claims, "RS256", rsa.privateKey, "1"))).to.deep.equal(claims);
    expect(await verify(await signed(claims, "RS256", rsa.privateKey))).to.deep.equal(claims);
  });

  it("is not believed when it is signed with what everybody knows, or not at all", async () => {
    const { verify, claims } = await setUp();
    const secret = Buffer.from(rsa.publicKey.export({ type: "spki", format: "pem" }));
    expect(await verify(await signed(claims, "HS256", secret, "1"))).to.equal(
      'oidc: id token signed with unsupported algorithm, expected [RS256 ES256] got "HS256"',
    );
    const encode = (value: object) => base64url.encode(JSON.stringify(value));
    expect(await verify(`${encode({ alg: "none" })}.${encode(claims)}.`)).to.match(
      /unsupported algorithm.* got "none"$/,
    );
    expect(await verify("a.b")).to.equal("oidc: malformed jwt");
  });

  it("is verified by keys of its algorithm that are for signatures", async () => {
    const claimsOf = async (published: object, alg: string, key: KeyObject) => {
      const { verify, claims } = await setUp([published]);
      return verify(await signed(claims, alg, key, "1"));
    };
    expect(await claimsOf(jwk(ec.publicKey, { kid: "1" }), "ES256", ec.privateKey)).to.be.an("object");
    expect(await claimsOf(jwk(ec.publicKey, { kid: "1", use: "enc" }), "ES256", ec.privateKey)).to.equal(badSignature);
    expect(await claimsOf(jwk(rsa.publicKey, { kid: "1", alg: "PS256" }), "RS256", rsa.privateKey)).to.equal(
      badSignature,
    );
    expect(await claimsOf({ kty: "oct", k: "c2VjcmV0", kid: "1" }, "RS256", rsa.privateKey)).to.equal(badSignature);
  });

  it("makes its issuer be asked for keys once a second at most", async () => {
    const { verify, claims, asked, clock } = await setUp();
    const unknown = await signed(claims, "RS256", rsa.privateKey, "2");
    for (let i = 0; i < 5; i++) expect(await verify(unknown)).to.equal(badSignature);
    const reads = () => asked.filter((url) => url.endsWith("/keys")).length;
    expect(reads()).to.equal(1);
    await clock.advance(1_000);
    await verify(unknown);
    expect(reads()).to.equal(2);
  });

  const wrong: readonly [what: string, change: (nowSeconds: number) => object, problem: RegExp][] = [
    ["from another issuer", () => ({ iss: "https://else" }), /^oidc: id token issued by a different provider/],
    ["for others", () => ({ aud: ["else"] }), /^oidc: expected audience "k8s" got \["else"\]$/],
    ["for nobody", () => ({ aud: undefined }), /^oidc: expected audience "k8s" got \[\]$/],
    ["over", (now) => ({ exp: now - 1 }), /^oidc: token is expired \(Token Expiry: /],
    ["without an end", () => ({ exp: undefined }), /^oidc: token is expired/],
    ["of tomorrow", (now) => ({ nbf: now + 86_400 }), /before the nbf \(not before\) time/],
  ];
  for (const [what, change, problem] of wrong) {
    it(`is not believed when it is ${what}`, async () => {
      const { verify, claims, nowSeconds } = await setUp();
      const token = await signed({ ...claims, ...change(nowSeconds) }, "RS256", rsa.privateKey);
      expect(await verify(token)).to.match(problem);
    });
  }

  it("may be a few minutes ahead, for clocks differ", async () => {
    const { verify, claims, nowSeconds } = await setUp();
    const token = await signed({ ...claims, nbf: nowSeconds + 200 }, "RS256", rsa.privateKey);
    expect(await verify(token)).to.be.an("object");
  });
});

import { generateKeyPairSync } from "node:crypto";
import type { KubeObject, TokenRequest } from "@tskube/api";
import { isUnauthorized } from "@tskube/apimachinery";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import { FakeObjects } from "../testing/fake-objects.ts";
import { requestToken } from "./request-token.ts";
import { createTokenIssuer, type TokenIssuerOptions } from "./token-issuer.ts";

const issuerUrl = "https://kubernetes.default.svc.cluster.local";
const pem = (pair: { privateKey: import("node:crypto").KeyObject }) =>
  pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const rsaKey = pem(generateKeyPairSync("rsa", { modulusLength: 2048 }));
const ecKey = pem(generateKeyPairSync("ec", { namedCurve: "prime256v1" }));

function object(kind: string, name: string, more: object = {}): KubeObject {
  return { apiVersion: "v1", kind, metadata: { name, namespace: "dev", uid: `${name}-uid` }, ...more } as KubeObject;
}

function setUp(options: Partial<TokenIssuerOptions> = {}) {
  const clock = new FakeClock();
  const objects = new FakeObjects()
    .put("serviceaccounts", object("ServiceAccount", "web"))
    .put("pods", object("Pod", "web-1", { spec: { serviceAccountName: "web", nodeName: "n1", containers: [] } }))
    .put("secrets", object("Secret", "bound"))
    .put("nodes", { apiVersion: "v1", kind: "Node", metadata: { name: "n1", uid: "n1-uid" } });
  const uses: string[] = [];
  const onUsed = (use: string) => void uses.push(use);
  const issuer = createTokenIssuer(
    { issuers: [issuerUrl], signingKey: rsaKey, ...options },
    { objects, clock, onUsed },
  );
  const request = (spec: Partial<TokenRequest["spec"]> = {}) =>
    requestToken(
      "dev",
      "web",
      {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        metadata: { name: "web" },
        spec: { audiences: [], ...spec },
      },
      { objects, clock, issuer },
    );
  return { clock, objects, issuer, request, uses };
}

const podRef = { apiVersion: "v1", kind: "Pod", name: "web-1", uid: "web-1-uid" };

async function refusal(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    return (error as Error).message;
  }
  return "none";
}

describe("createTokenIssuer", () => {
  for (const [algorithm, signingKey] of [
    ["RS256", rsaKey],
    ["ES256", ecKey],
  ] as const) {
    it(`issues ${algorithm} tokens that its published keys verify`, async () => {
      const { issuer, request, clock } = setUp({ signingKey });
      const { status } = await request({ audiences: ["vault"] });
      const keys = createLocalJWKSet(JSON.parse(issuer.documents.jwks));
      const { payload, protectedHeader } = await jwtVerify(status?.token ?? "", keys, {
        audience: "vault",
        currentDate: new Date(clock.now()),
      });
      expect(protectedHeader.alg).to.equal(algorithm);
      expect(payload.sub).to.equal("system:serviceaccount:dev:web");
      expect(JSON.parse(issuer.documents.openidConfiguration)).to.include({
        issuer: issuerUrl,
        jwks_uri: `${issuerUrl}/openid/v1/jwks`,
      });
    });
  }

  it("proves the service account, with pod and node in the extra", async () => {
    const { issuer, request } = setUp();
    const { status } = await request({ boundObjectRef: podRef });
    const identity = await issuer.verify(status?.token ?? "", [issuerUrl]);
    expect(identity?.user).to.deep.include({
      name: "system:serviceaccount:dev:web",
      uid: "web-uid",
      groups: ["system:serviceaccounts", "system:serviceaccounts:dev"],
    });
    expect(identity?.user.extra).to.deep.include({
      "authentication.kubernetes.io/pod-name": ["web-1"],
      "authentication.kubernetes.io/pod-uid": ["web-1-uid"],
      "authentication.kubernetes.io/node-name": ["n1"],
      "authentication.kubernetes.io/node-uid": ["n1-uid"],
    });
  });

  it("refuses expired tokens and those for other audiences", async () => {
    const { issuer, request, clock } = setUp();
    const { status } = await request({ expirationSeconds: 600, audiences: ["vault"] });
    const token = status?.token ?? "";
    expect(await refusal(issuer.verify(token, [issuerUrl]))).to.contain("audiences");
    expect(await issuer.verify(token, [issuerUrl, "vault"]))
      .to.have.property("audiences")
      .that.deep.equals(["vault"]);
    await clock.advance(601_000);
    expect(await refusal(issuer.verify(token, ["vault"]))).to.contain("expired");
  });

  it("refuses tokens of a key that is not its own and leaves other issuers' tokens to others", async () => {
    const { issuer } = setUp();
    const forged = await setUp({ signingKey: ecKey }).request();
    expect(await refusal(issuer.verify(forged.status?.token ?? "", [issuerUrl]))).to.equal("invalid bearer token");
    const foreign = await setUp({ issuers: ["https://other"] }).request();
    expect(await issuer.verify(foreign.status?.token ?? "", [issuerUrl])).to.equal(undefined);
    expect(await issuer.verify("abcdef.0123456789abcdef", [issuerUrl])).to.equal(undefined);
  });

  it("accepts tokens of a key that was replaced, as long as it is listed", async () => {
    const old = await setUp({ signingKey: ecKey }).request();
    const { issuer } = setUp({ verificationKeys: [ecKey] });
    expect(await issuer.verify(old.status?.token ?? "", [issuerUrl])).to.have.property("user");
  });

  const invalidated = "service account token has been invalidated";
  for (const [resource, name, spec, gone, replaced] of [
    [
      "serviceaccounts",
      "web",
      {},
      'serviceaccounts "web" not found',
      /^service account UID \(another\) does not match claim \(/,
    ],
    [
      "pods",
      "web-1",
      { boundObjectRef: podRef },
      invalidated,
      /^pod UID \(another\) does not match service account pod ref claim \(/,
    ],
    [
      "secrets",
      "bound",
      { boundObjectRef: { apiVersion: "v1", kind: "Secret", name: "bound" } },
      invalidated,
      /^secret UID \(another\) does not match service account secret ref claim \(/,
    ],
  ] as const) {
    it(`refuses a token once its ${resource.slice(0, -1)} is gone or another of the same name`, async () => {
      const { issuer, request, objects } = setUp();
      const token = (await request(spec)).status?.token ?? "";
      expect(await issuer.verify(token, [issuerUrl])).to.have.property("user");
      const present = await objects.get({ group: "", resource }, "dev", name);
      await objects.delete({ group: "", resource }, "dev", name);
      expect(await refusal(issuer.verify(token, [issuerUrl]))).to.equal(gone);
      objects.put(resource, { ...present, metadata: { ...present.metadata, uid: "another" } });
      const error = await issuer.verify(token, [issuerUrl]).catch((caught: unknown) => caught);
      expect(isUnauthorized(error)).to.equal(true);
      expect((error as Error).message).to.match(replaced);
    });
  }

  it("asks the store about what its cache has not heard of", async () => {
    const { issuer, request, objects } = setUp();
    const token = (await request()).status?.token ?? "";
    const reader = objects.reader.bind(objects);
    objects.reader = (resource) => ({ ...reader(resource), get: () => undefined }) as never;
    expect(await issuer.verify(token, [issuerUrl])).to.have.property("user");
  });

  it("lets pods' tokens of the admission plugin's life work for a year, with a time to warn from", async () => {
    const { request, clock } = setUp();
    const { status } = await request({ boundObjectRef: podRef, expirationSeconds: 3607 });
    const claims = decodeJwt<{ "kubernetes.io": { warnafter?: number } }>(status?.token ?? "");
    const now = clock.now() / 1000;
    expect([claims.exp, claims["kubernetes.io"].warnafter]).to.deep.equal([now + 365 * 24 * 3600, now + 3607]);
    expect(status?.expirationTimestamp).to.equal("2030-01-01T01:00:07Z");
  });

  it("tells the audit log of tokens that should have been read anew, and counts them", async () => {
    const { issuer, request, clock, uses } = setUp();
    const { status } = await request({ boundObjectRef: podRef, expirationSeconds: 3607 });
    const verify = () => issuer.verify(status?.token ?? "", [issuerUrl]);
    expect(await verify()).to.not.have.property("auditAnnotations");
    await clock.advance(3_617_000);
    expect(await verify()).to.have.deep.property("auditAnnotations", {
      "authentication.k8s.io/stale-token":
        "subject: system:serviceaccount:dev:web, seconds after warning threshold: 10",
    });
    await issuer.verify((await request()).status?.token ?? "", [issuerUrl]);
    expect(uses).to.deep.equal(["valid", "stale"]);
  });
});

describe("requestToken", () => {
  const cases: readonly [string, Partial<TokenRequest["spec"]>, string][] = [
    ["a life under ten minutes", { expirationSeconds: 599 }, "may not specify a duration less than 10 minutes"],
    [
      "a life over 2^32 seconds",
      { expirationSeconds: 2 ** 32 + 1 },
      "may not specify a duration larger than 2^32 seconds",
    ],
    ["a pod that does not exist", { boundObjectRef: { ...podRef, name: "gone" } }, 'pods "gone" not found'],
    [
      "a pod of another uid",
      { boundObjectRef: { ...podRef, uid: "old" } },
      'Operation cannot be fulfilled on Pod "web-1": the UID in the bound object reference (old) does not match the UID in record (',
    ],
    [
      "an object of another kind",
      { boundObjectRef: { apiVersion: "v1", kind: "ConfigMap", name: "a" } },
      "cannot bind token to object of type /v1, Kind=ConfigMap",
    ],
  ];
  for (const [what, spec, message] of cases) {
    it(`refuses ${what}`, async () => {
      expect(await refusal(setUp().request(spec))).to.contain(message);
    });
  }

  it("refuses a pod that runs as another account", async () => {
    const { objects, request } = setUp();
    objects.put("pods", object("Pod", "web-1", { spec: { serviceAccountName: "admin", containers: [] } }));
    expect(await refusal(request({ boundObjectRef: podRef }))).to.contain(
      "to pod running with different serviceaccount name",
    );
  });

  it("answers with the audiences and life it chose", async () => {
    const { spec } = await setUp({ maxExpirationSeconds: 1800 }).request();
    expect(spec)
      .to.include({ expirationSeconds: 1800 })
      .and.deep.include({ audiences: [issuerUrl] });
  });
});

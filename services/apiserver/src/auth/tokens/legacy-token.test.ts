import { generateKeyPairSync } from "node:crypto";
import type { KubeObject } from "@tskube/api";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { SignJWT } from "jose";
import { FakeObjects } from "../testing/fake-objects.ts";
import { createTokenIssuer } from "./token-issuer.ts";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const signingKey = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const secrets = { group: "", resource: "secrets" };

async function setUp(accountUid = "web-uid") {
  const prefix = "kubernetes.io/serviceaccount/";
  const token = await new SignJWT({
    [`${prefix}namespace`]: "dev",
    [`${prefix}secret.name`]: "web-token",
    [`${prefix}service-account.name`]: "web",
    [`${prefix}service-account.uid`]: accountUid,
  })
    .setProtectedHeader({ alg: "RS256" })
    .setIssuer("kubernetes/serviceaccount")
    .setSubject("system:serviceaccount:dev:web")
    .sign(privateKey);
  const object = (kind: string, name: string, more: object = {}) =>
    ({ apiVersion: "v1", kind, metadata: { name, namespace: "dev", uid: `${name}-uid` }, ...more }) as KubeObject;
  const objects = new FakeObjects()
    .put("serviceaccounts", object("ServiceAccount", "web"))
    .put("secrets", object("Secret", "web-token", { data: { token: Buffer.from(token).toString("base64") } }));
  const issuer = createTokenIssuer({ issuers: ["https://api"], signingKey }, { objects, clock: new FakeClock() });
  return { objects, verify: (audiences = ["https://api"]) => issuer.verify(token, audiences) };
}

const refusal = (attempt: Promise<unknown>) =>
  attempt.then(
    () => "none",
    (error: Error) => error.message,
  );

describe("tokens in Secrets", () => {
  it("prove their service account without an end, to the apiserver alone", async () => {
    const { verify } = await setUp();
    expect((await verify())?.user).to.deep.include({ name: "system:serviceaccount:dev:web", uid: "web-uid" });
    expect(await refusal(verify(["vault"]))).to.contain("audiences");
    expect(await verify()).to.have.deep.property("auditAnnotations", {
      "authentication.k8s.io/legacy-token": "system:serviceaccount:dev:web",
    });
  });

  it("end with their Secret, and when it holds another token", async () => {
    const { verify, objects } = await setUp();
    await verify();
    const secret = await objects.get(secrets, "dev", "web-token");
    objects.put("secrets", { ...secret, data: { token: "eA==" } } as KubeObject);
    expect(await refusal(verify())).to.contain("invalidated");
    await objects.delete(secrets, "dev", "web-token");
    expect(await refusal(verify())).to.contain("invalidated");
  });

  it("leave the day of their use on the Secret, once a day", async () => {
    const { verify, objects } = await setUp();
    await verify();
    await verify();
    const secret = await objects.get(secrets, "dev", "web-token");
    expect(secret.metadata.labels).to.deep.equal({ "kubernetes.io/legacy-token-last-used": "2030-01-01" });
    expect(objects.writes).to.deep.equal(["update secrets dev/web-token"]);
  });

  it("do not count once their Secret says so", async () => {
    const { verify, objects } = await setUp();
    const secret = await objects.get(secrets, "dev", "web-token");
    const labels = { "kubernetes.io/legacy-token-invalid-since": "2029-12-31" };
    objects.put("secrets", { ...secret, metadata: { ...secret.metadata, labels } });
    expect(await refusal(verify())).to.match(
      /^the token in secret dev\/web-token for service account dev\/web has been marked invalid\. /,
    );
  });

  it("end with their service account", async () => {
    const { verify } = await setUp("uid-of-an-earlier-one");
    expect(await refusal(verify())).to.equal(
      "service account UID (web-uid) does not match claim (uid-of-an-earlier-one)",
    );
  });
});

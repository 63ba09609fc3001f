import { createHmac } from "node:crypto";
import { formatTime } from "@tskube/apimachinery";
import { kinds } from "@tskube/client";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { tokenCleaner } from "../token-cleaner/controller.ts";
import { bootstrapSigner } from "./controller.ts";
import { detachedSignature } from "./detached-signature.ts";

const encode = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString("base64")]));

function seedToken(t: ControllerTest, id: string, more: Readonly<Record<string, string>> = {}): void {
  t.api.seed("Secret", {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: `bootstrap-token-${id}`, namespace: "kube-system" },
    type: "bootstrap.kubernetes.io/token",
    data: encode({ "token-id": id, "token-secret": `secret-of-${id}`, "usage-bootstrap-signing": "true", ...more }),
  });
}

describe("detached signature", () => {
  it("is an HS256 signature of the content under the token's id", () => {
    const [header = "", empty, signature] = detachedSignature("content", { id: "abcdef", secret: "s" }).split(".");
    expect(JSON.parse(Buffer.from(header, "base64url").toString())).to.deep.equal({ alg: "HS256", kid: "abcdef" });
    expect(empty).to.equal("");
    const signed = `${header}.${Buffer.from("content").toString("base64url")}`;
    expect(signature).to.equal(createHmac("sha256", "s").update(signed).digest("base64url"));
  });
});

describe("the controller that signs cluster-info", () => {
  let t: ControllerTest;
  beforeEach(async () => {
    t = controllerTest();
    await t.start(bootstrapSigner);
  });
  afterEach(() => t.stop());

  const seedInfo = (data: Readonly<Record<string, string>>) =>
    t.api.seed("ConfigMap", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "cluster-info", namespace: "kube-public" },
      data,
    });
  const data = () => t.api.get(kinds.ConfigMap, "kube-public/cluster-info")?.data;
  const signatureOf = (id: string, content = "config") => detachedSignature(content, { id, secret: `secret-of-${id}` });

  it("signs with every token that is for that, and takes away signatures of others", async () => {
    seedToken(t, "aaaaaa");
    seedToken(t, "bbbbbb", { "usage-bootstrap-signing": "false" });
    seedInfo({ kubeconfig: "config", "jws-kubeconfig-cccccc": "old", other: "x" });
    await t.settle();
    expect(data()).to.deep.equal({ kubeconfig: "config", other: "x", "jws-kubeconfig-aaaaaa": signatureOf("aaaaaa") });
    const writes = t.api.writes().length;
    await t.settle(60_000);
    expect(t.api.writes()).to.have.length(writes);
  });

  it("signs anew when the content changes, and not without any", async () => {
    seedToken(t, "aaaaaa");
    seedInfo({});
    await t.settle();
    expect(data()).to.deep.equal({});
    t.api.change("ConfigMap", "kube-public/cluster-info", (map) => {
      map.data = { kubeconfig: "new" };
    });
    await t.settle();
    expect(data()?.["jws-kubeconfig-aaaaaa"]).to.equal(signatureOf("aaaaaa", "new"));
  });

  it("takes a token's signature away when its time is over", async () => {
    seedToken(t, "aaaaaa", { expiration: formatTime(t.clock.now() + 60_000) });
    seedInfo({ kubeconfig: "config" });
    await t.settle();
    expect(data()).to.have.property("jws-kubeconfig-aaaaaa");
    await t.settle(60_000);
    expect(data()).to.deep.equal({ kubeconfig: "config" });
  });
});

describe("the controller that deletes bootstrap tokens", () => {
  let t: ControllerTest;
  beforeEach(async () => {
    t = controllerTest();
    await t.start(tokenCleaner);
  });
  afterEach(() => t.stop());
  const names = () => t.api.list(kinds.Secret).map(({ metadata }) => metadata.name);

  it("deletes those whose time is over or cannot be read, and no others", async () => {
    seedToken(t, "aaaaaa", { expiration: formatTime(t.clock.now() + 60_000) });
    seedToken(t, "bbbbbb");
    seedToken(t, "cccccc", { expiration: "soon" });
    await t.settle();
    expect(names()).to.have.members(["bootstrap-token-aaaaaa", "bootstrap-token-bbbbbb"]);
    await t.settle(60_000);
    expect(names()).to.deep.equal(["bootstrap-token-bbbbbb"]);
  });
});

import { join } from "node:path";
import { kmsStorage } from "@tskube/proto-gen";
import type { Store } from "@tskube/store";
import { openInMemoryStore } from "@tskube/store/testing";
import { expect } from "chai";
import { at, openServerOver } from "../apiserver/open-test-server.ts";
import { type EncryptionFile, encryptionFile, identity } from "./encryption-file.ts";
import { type KmsPlugin, openKmsPlugin } from "./kms-plugin.ts";

const path = "/api/v1/namespaces/default/secrets";
const prefix = "k8s:enc:kms:v2:plugin:";

describe("encryption at rest with a KMS plugin", () => {
  let store: Store;
  let file: EncryptionFile;
  let plugin: KmsPlugin;

  before(async () => {
    store = await openInMemoryStore();
    file = encryptionFile();
    const socket = join(file.directory, "kms.sock");
    plugin = await openKmsPlugin(socket);
    const kms = { apiVersion: "v2", name: "plugin", endpoint: `unix://${socket}`, timeout: "2s" };
    file.write({ resources: ["secrets"], providers: [{ kms }, identity] });
  });
  after(async () => {
    plugin.close();
    await store.close();
    file.remove();
  });

  const stored = async (name: string) => {
    const { item } = await store.get(`/registry/core/secrets/default/${name}`);
    const value = item?.value ?? Buffer.alloc(0);
    expect(value.subarray(0, prefix.length).toString()).to.equal(prefix);
    return kmsStorage.EncryptedObject.decode(value.subarray(prefix.length));
  };

  it("keeps with each value the plugin's key and an encrypted seed, and asks the plugin once", async () => {
    const { send, close } = await openServerOver(store, { encryption: { path: file.path, reloads: false } });
    for (const name of ["a", "b"]) await send("POST", path, { metadata: { name }, stringData: { password: "hidden" } });
    const [a, b] = [await stored("a"), await stored("b")];
    expect([a.keyID, a.encryptedDEKSourceType]).to.deep.equal(["key-1", 1]);
    expect(Object.keys(a.annotations)).to.deep.equal(["version.encryption.example.com"]);
    expect(Buffer.compare(a.encryptedDEKSource, b.encryptedDEKSource)).to.equal(0);
    expect(Buffer.from(a.encryptedData).toString("latin1")).not.to.include("hidden");
    expect(at((await send("GET", `${path}/a`)).json, "data", "password")).to.equal("aGlkZGVu");
    expect(plugin.calls.encrypt).to.equal(1);
    expect((await send("GET", "/livez/kms-provider-0")).status).to.equal(200);
    await close();
  });

  it("goes on with the plugin's next key, and rewrites by it", async () => {
    plugin.keyId = "key-2";
    const { send, close } = await openServerOver(store, { encryption: { path: file.path, reloads: true } });
    const { json } = await send("GET", `${path}/b`);
    await send("PUT", `${path}/b`, json);
    expect((await stored("b")).keyID).to.equal("key-2");
    expect((await stored("a")).keyID).to.equal("key-1");
    expect((await send("GET", path)).status).to.equal(200);
    expect((await send("GET", "/readyz/kms-providers")).status).to.equal(200);
    await close();
  });

  it("that is not healthy shows in the server's health", async () => {
    plugin.healthz = "the vault is sealed";
    const { send, close } = await openServerOver(store, { encryption: { path: file.path, reloads: true } });
    expect((await send("GET", "/livez/kms-providers")).status).to.equal(500);
    const { status, json } = await send("POST", path, { metadata: { name: "c" } });
    expect(status).to.equal(500);
    expect(at(json, "message")).to.match(/the vault is sealed/);
    await close();
  });
});

import type { Store, StoreEvent } from "@tskube/store";
import { openInMemoryStore } from "@tskube/store/testing";
import { expect } from "chai";
import { encryptedStore } from "./encrypted-store.ts";
import { prefixed } from "./prefixed.ts";
import { aesGcm } from "./providers/aes-gcm.ts";
import { resourceTransformers, unsealed } from "./resource-transformers.ts";

const secret = "/registry/core/secrets/a/s";
const plain = "/registry/core/configmaps/a/c";
const claim = "/registry/ranges/serviceips/10.96.0.1";
const sealing = prefixed([{ prefix: "k8s:enc:aesgcm:v1:", transformer: aesGcm(Buffer.alloc(32, 1)) }], "unknown");
const transformers = resourceTransformers([{ resources: ["secrets"], transformerFor: () => sealing }]);

describe("a store that encrypts", () => {
  let raw: Store;
  let store: Store;
  let started: number;

  before(async () => {
    raw = await openInMemoryStore();
    store = encryptedStore(raw, () => transformers);
    started = await raw.currentRevision();
    for (const text of ["one", "two"]) {
      const writes = [secret, plain, claim].map((key) => ({ type: "put" as const, key, value: Buffer.from(text) }));
      await store.txn({ conditions: [], writes });
    }
    await store.txn({ conditions: [], writes: [{ type: "delete", key: secret }] });
  });
  after(() => store.close());

  const text = (value: Uint8Array | undefined) => Buffer.from(value ?? []).toString("latin1");
  const events = async (prefix: string, ignoresPrevious: boolean): Promise<StoreEvent[]> => {
    const stop = new AbortController();
    const found: StoreEvent[] = [];
    const watch = store.watch({ prefix, fromRevision: started + 1, ignoresPrevious }, stop.signal);
    const end = await raw.currentRevision();
    watch.requestProgress(end);
    for await (const batch of watch) {
      found.push(...batch.events);
      if (batch.revision >= end) stop.abort();
    }
    return found;
  };
  const shown = (event: StoreEvent) => {
    const now = event.type === "put" ? text(event.item.value) : "gone";
    return `${event.key.split("/").at(-1)}: ${event.previous ? text(event.previous.value) : ""} > ${now}`;
  };

  it("keeps those values alone from who reads it otherwise, that are to be", async () => {
    const revision = started + 1;
    const values = await Promise.all([secret, plain, claim].map((key) => raw.get(key, { revision })));
    expect(values.map(({ item }) => text(item?.value).slice(0, 18))).to.deep.equal([
      "k8s:enc:aesgcm:v1:",
      "one",
      "one",
    ]);
    expect(text((await store.get(secret, { revision })).item?.value)).to.equal("one");
  });

  it("opens what is read of one resource, and of all at once", async () => {
    const revision = started + 2;
    const range = async (prefix: string) =>
      (await store.range({ prefix, revision })).items.map(({ value }) => text(value));
    expect(await range("/registry/core/secrets/")).to.deep.equal(["two"]);
    expect(await range("/registry/")).to.deep.equal(["two", "two", "two"]);
  });

  it("opens what has happened to one resource, and to all, with what was before", async () => {
    const secrets = ["s:  > one", "s: one > two", "s: two > gone"];
    expect((await events("/registry/core/secrets/", false)).map(shown)).to.deep.equal(secrets);
    const all = (await events("/registry/", false)).map(shown);
    expect(all.filter((line) => line.startsWith("s:"))).to.deep.equal(secrets);
    expect(all.filter((line) => line.startsWith("c:"))).to.deep.equal(["c:  > one", "c: one > two"]);
  });

  it("leaves closed what nobody looks at", async () => {
    const [, second] = await events("/registry/core/secrets/", true);
    expect(second && shown(second)).to.match(/^s: k8s:enc:aesgcm:v1:.* > two$/s);
  });

  it("refuses to give out sealed values when it does not know how", async () => {
    const ignorant = encryptedStore(raw, () => unsealed);
    const at = { revision: started + 1 };
    const problems = await Promise.all(
      [() => ignorant.get(secret, at), () => ignorant.range({ prefix: "/registry/", ...at })].map((read) =>
        read().then(
          () => "none",
          (error: Error) => error.message,
        ),
      ),
    );
    const reason = "identity transformer tried to read encrypted data";
    expect(problems).to.deep.equal([
      `Internal error occurred: ${reason}`,
      `Internal error occurred: unable to transform key "/registry/secrets/a/s": ${reason}`,
    ]);
  });
});

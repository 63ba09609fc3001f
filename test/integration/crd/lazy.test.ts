import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedStore, type Store } from "@tskube/store";
import { expect } from "chai";
import { at, openServerOver, type TestServer } from "../apiserver/open-test-server.ts";
import { rolloutDefinition } from "./definitions.ts";
import { establish } from "./establish.ts";

describe("definitions that nobody asks for", () => {
  let folder: string;
  let store: Store;
  let api: TestServer;
  const watched: string[] = [];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tskube-crd-lazy-"));
    store = await openEmbeddedStore({ directory: folder, isDurable: false });
    const counting: Store = {
      ...boundTo(store),
      watch(request, signal) {
        watched.push(String((request as { prefix?: string }).prefix));
        return store.watch(request, signal);
      },
    };
    api = await openServerOver(counting);
  });
  after(async () => {
    await api?.close();
    await store?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const own = () => watched.filter((prefix) => prefix.includes("ship.example.com"));

  it("cost no watch of the store, in whatever documents they are told of", async () => {
    await establish(api, rolloutDefinition());
    await api.send("GET", "/readyz");
    await api.send("GET", "/apis/ship.example.com/v1");
    await api.send("GET", "/openapi/v3");
    const v3 = await api.send("GET", "/openapi/v3/apis/ship.example.com/v1");
    expect(at(v3.json, "components", "schemas")).to.have.property("com.example.ship.v1.Rollout");
    await api.send("POST", "/api/v1/namespaces/default/configmaps", { metadata: { name: "unrelated" } });
    expect(own()).to.deep.equal([]);
    expect((await api.send("GET", "/apis/ship.example.com/v1/rollouts")).status).to.equal(200);
    expect(own()).to.deep.equal(["/registry/ship.example.com/rollouts/"]);
  });
});

/** A store as an object of its own methods, to change some of. */
function boundTo(store: Store): Store {
  return {
    currentRevision: () => store.currentRevision(),
    get: (key, options) => store.get(key, options),
    range: (request) => store.range(request),
    txn: (request) => store.txn(request),
    watch: (request, signal) => store.watch(request, signal),
    compact: (revision) => store.compact(revision),
    close: () => store.close(),
  };
}

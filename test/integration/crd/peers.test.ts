import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedStore, type Store } from "@tskube/store";
import { expect } from "chai";
import { at, openServerOver, type TestServer, watchEvents } from "../apiserver/open-test-server.ts";
import { rolloutDefinition } from "./definitions.ts";
import { definitions, establish, until } from "./establish.ts";

const rollouts = "/apis/ship.example.com/v1/namespaces/default/rollouts";

describe("custom resources of two apiservers over one store", () => {
  let folder: string;
  let store: Store;
  let first: TestServer;
  let second: TestServer;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tskube-crd-peers-"));
    store = await openEmbeddedStore({ directory: folder, isDurable: false });
    first = await openServerOver(store);
    second = await openServerOver(store);
  });
  after(async () => {
    await first?.close();
    await second?.close();
    await store?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("are served by both as soon as one defines them, with one hash of their documents", async () => {
    await establish(first, rolloutDefinition());
    await until(
      () => second.send("GET", rollouts),
      ({ status }) => status === 200,
    );
    const made = await first.send("POST", rollouts, { metadata: { name: "a" }, spec: { replicas: 2 } });
    expect(made.status, JSON.stringify(made.json)).to.equal(201);
    const read = await second.send("GET", `${rollouts}/a`);
    expect(at(read.json, "spec", "replicas")).to.equal(2);
    const urls = await Promise.all([first, second].map((one) => one.send("GET", "/openapi/v3")));
    const [one, other] = urls.map(({ json }) => at(json, "paths", "apis/ship.example.com/v1", "serverRelativeURL"));
    expect(one).to.match(/\?hash=[0-9A-F]{64}$/);
    expect(other).to.equal(one);
    const tags = await Promise.all([first, second].map((server) => server.send("GET", String(one))));
    expect(tags.map(({ headers }) => headers["etag"])).to.deep.equal(
      [one, one].map((url) => `"${String(url).split("=")[1]}"`),
    );
    const known = await second.send("GET", String(one), undefined, { "if-none-match": tags[0]?.headers["etag"] ?? "" });
    expect(known.status).to.equal(304);
  });

  it("change with their definition, and go with it, at both", async () => {
    const limit = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/replicas/maximum";
    const patch = [{ op: "replace", path: limit, value: 3 }];
    const name = `${definitions}/rollouts.ship.example.com`;
    await first.send("PATCH", name, patch, { "content-type": "application/json-patch+json" });
    await until(
      () => second.send("POST", `${rollouts}?dryRun=All`, { metadata: { name: "b" }, spec: { replicas: 4 } }),
      ({ status }) => status === 422,
    );
    const events = watchEvents(second.transport, `${rollouts}?watch=true`, AbortSignal.timeout(10_000));
    expect((await events.next()).value?.type).to.equal("ADDED");
    await first.send("DELETE", name);
    expect((await events.next()).value?.type).to.equal("DELETED");
    expect((await events.next()).done).to.equal(true);
    await until(
      () => second.send("GET", name),
      ({ status }) => status === 404,
    );
    expect((await second.send("GET", rollouts)).status).to.equal(404);
  });
});

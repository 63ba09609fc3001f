import type { Binding, Pod } from "@tskube/api";
import { isAlreadyExists, isConflict, isNotFound } from "@tskube/apimachinery";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { kinds } from "../kinds.ts";
import { FakeApi } from "../testing/index.ts";
import { queryString, resourcePath } from "./resource.ts";

const aPod = (name: string, labels: Record<string, string> = {}) =>
  ({ metadata: { name, labels }, spec: { containers: [] } }) as unknown as Pod;
const thrown = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("nothing was thrown"),
    (error: unknown) => error,
  );

describe("resource client", () => {
  let api: FakeApi;
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock();
    api = new FakeApi({ clock, resources: [widgets] });
  });
  const widgets = { group: "example.com", version: "v1", resource: "widgets", kind: "Widget", namespaced: true };
  const pods = () => api.client().pods("default");

  it("names paths as the API does", () => {
    expect(resourcePath(kinds.Node, { namespace: "ignored", name: "n1", subresource: "status" })).to.equal(
      "/api/v1/nodes/n1/status",
    );
    expect(resourcePath(kinds.Lease, { namespace: "a", name: "x/y" })).to.equal(
      "/apis/coordination.k8s.io/v1/namespaces/a/leases/x%2Fy",
    );
    expect(resourcePath(kinds.Pod, {})).to.equal("/api/v1/pods");
    expect(queryString({ command: ["sh", "-c"], watch: true, limit: undefined, force: false })).to.equal(
      "?command=sh&command=-c&watch=true",
    );
  });

  it("creates with a type, reads, and reports what is there already or not at all", async () => {
    const created = await pods().create(aPod("a"));
    expect(created).to.deep.include({ kind: "Pod", apiVersion: "v1" });
    expect(await pods().get("a")).to.deep.equal(created);
    expect(isAlreadyExists(await thrown(pods().create(aPod("a"))))).to.equal(true);
    expect(isNotFound(await thrown(pods().get("b")))).to.equal(true);
  });

  it("takes the namespace of the object where it has none of its own, and refuses to guess", async () => {
    const everywhere = api.client().pods();
    const created = await everywhere.create({ ...aPod("a"), metadata: { name: "a", namespace: "other" } });
    await everywhere.update({ ...created, metadata: { ...created.metadata, labels: { a: "b" } } });
    expect(api.get(kinds.Pod, "other/a")?.metadata.labels).to.deep.equal({ a: "b" });
    expect(() => everywhere.get("a")).to.throw("a namespace is needed");
  });

  it("meets a conflict when another wrote in between", async () => {
    const stale = await pods().create(aPod("a"));
    await pods().patch("a", { metadata: { labels: { a: "b" } } }, { type: "merge" });
    expect(isConflict(await thrown(pods().update(stale)))).to.equal(true);
  });

  it("keeps spec and status apart", async () => {
    const created = await pods().create({ ...aPod("a"), status: { phase: "Running" } });
    await pods().updateStatus({
      ...created,
      spec: { containers: [], nodeName: "n1" },
      status: { phase: "Failed" },
    } as Pod);
    const stored = api.get(kinds.Pod, "default/a");
    expect([stored?.status?.phase, stored?.spec?.nodeName, stored?.metadata.generation]).to.deep.equal([
      "Failed",
      undefined,
      1,
    ]);
  });

  it("merges lists by their keys in a strategic patch", async () => {
    api.seed("Pod", {
      ...aPod("a"),
      metadata: { name: "a", namespace: "default" },
      status: { conditions: [{ type: "Ready", status: "True" }] },
    } as Pod);
    await pods().patchStatus("a", { status: { conditions: [{ type: "Initialized", status: "True" }] } });
    expect(
      api
        .get(kinds.Pod, "default/a")
        ?.status?.conditions?.map((one) => one.type)
        .sort(),
    ).to.deep.equal(["Initialized", "Ready"]);
  });

  it("speaks of custom resources by their info", async () => {
    const client = api.client().resource(widgets, "default");
    await client.create({ metadata: { name: "w" }, spec: { size: 1 } } as never);
    expect((await client.list()).items.map((one) => one.metadata.name)).to.deep.equal(["w"]);
  });

  it("pages through a list", async () => {
    for (let i = 0; i < 5; i++) await pods().create(aPod(`p${i}`));
    const sizes: number[] = [];
    for await (const page of pods().pages({ limit: 2 })) sizes.push(page.items.length);
    expect(sizes).to.deep.equal([2, 2, 1]);
  });

  it("binds a pod once", async () => {
    await pods().create(aPod("a"));
    const binding = {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name: "a" },
      target: { kind: "Node", name: "n1" },
    } as Binding;
    await pods().sub<Binding>("a", "binding").create(binding);
    expect(api.get(kinds.Pod, "default/a")?.spec?.nodeName).to.equal("n1");
    expect(isConflict(await thrown(pods().sub<Binding>("a", "binding").create(binding)))).to.equal(true);
  });

  it("lets a bound pod go with grace and removes it when its kubelet says so", async () => {
    api.seed("Pod", {
      ...aPod("a"),
      metadata: { name: "a", namespace: "default" },
      spec: { containers: [], nodeName: "n1" },
    } as Pod);
    await pods().delete("a");
    expect(api.get(kinds.Pod, "default/a")?.metadata.deletionGracePeriodSeconds).to.equal(30);
    await pods().delete("a", { gracePeriodSeconds: 0 });
    expect(api.get(kinds.Pod, "default/a")).to.equal(undefined);
  });

  it("deletes only the object it means", async () => {
    await pods().create(aPod("a"));
    expect(isConflict(await thrown(pods().delete("a", { preconditions: { uid: "another" } })))).to.equal(true);
  });

  it("deletes what a selector chooses", async () => {
    await pods().create(aPod("a", { app: "web" }));
    await pods().create(aPod("b", { app: "db" }));
    await pods().deleteCollection({}, { labelSelector: "app in (web)" });
    expect(api.list(kinds.Pod).map((one) => one.metadata.name)).to.deep.equal(["b"]);
  });

  it("applies: creates what is not there, then merges", async () => {
    const apply = (labels: Record<string, string>) =>
      pods().apply(aPod("a", labels), { fieldManager: "test", force: true });
    await apply({ a: "1" });
    await apply({ b: "2" });
    expect(api.get(kinds.Pod, "default/a")?.metadata.labels).to.deep.equal({ a: "1", b: "2" });
    expect(api.writes()).to.deep.equal(["patch pods default/a", "patch pods default/a"]);
  });
});

import { expect } from "chai";
import { at, type Json, podOf, watchEvents } from "../integration/apiserver/open-test-server.ts";
import { nextIs, succeed } from "./check-operations.ts";
import { type Api, openApi } from "./open-api.ts";

const mergePatch = { "content-type": "application/merge-patch+json" };
const configMaps = "/api/v1/namespaces/default/configmaps";
const withinMs = 15_000;

describe("conformance: API machinery without controllers", () => {
  let api: Api;
  before(async () => {
    api = await openApi();
  });
  after(() => api.close());

  const watch = (query: string) =>
    watchEvents(api.transport, `${configMaps}?watch=true&${query}`, AbortSignal.timeout(withinMs));
  const labelled = (name: string, value: string, data = "0") => ({
    metadata: { name, labels: { watch: value } },
    data: { mutation: data },
  });
  const versionOf = (json: Json) => String(at(json, "metadata", "resourceVersion"));
  const newest = async () => versionOf(await succeed(api, 200, "GET", configMaps));

  it("[sig-api-machinery] Watchers should observe add, update, and delete watch notifications on configmaps [Conformance]", async () => {
    const since = await newest();
    const onlyA = watch(`labelSelector=watch%3Da&resourceVersion=${since}`);
    const onlyB = watch(`labelSelector=watch%3Db&resourceVersion=${since}`);
    const both = watch(`labelSelector=watch%20in%20(a,b)&resourceVersion=${since}`);
    await succeed(api, 201, "POST", configMaps, labelled("a", "a"));
    await succeed(api, 200, "PUT", `${configMaps}/a`, labelled("a", "a", "1"));
    await succeed(api, 200, "DELETE", `${configMaps}/a`);
    await succeed(api, 201, "POST", configMaps, labelled("b", "b"));
    await succeed(api, 200, "DELETE", `${configMaps}/b`);
    for (const events of [onlyA, both]) {
      await nextIs(events, "ADDED", "a");
      expect(at(await nextIs(events, "MODIFIED", "a"), "data", "mutation")).to.equal("1");
      await nextIs(events, "DELETED", "a");
    }
    for (const events of [onlyB, both]) {
      await nextIs(events, "ADDED", "b");
      await nextIs(events, "DELETED", "b");
    }
    await Promise.all([onlyA, onlyB, both].map((events) => events.return(undefined)));
  });

  it("[sig-api-machinery] Watchers should be able to start watching from a specific resource version [Conformance]", async () => {
    await succeed(api, 201, "POST", configMaps, labelled("from", "from"));
    const first = await succeed(api, 200, "PUT", `${configMaps}/from`, labelled("from", "from", "1"));
    await succeed(api, 200, "PUT", `${configMaps}/from`, labelled("from", "from", "2"));
    await succeed(api, 200, "DELETE", `${configMaps}/from`);
    const events = watch(`labelSelector=watch%3Dfrom&resourceVersion=${versionOf(first)}`);
    expect(at(await nextIs(events, "MODIFIED", "from"), "data", "mutation")).to.equal("2");
    await nextIs(events, "DELETED", "from");
    await events.return(undefined);
  });

  it("[sig-api-machinery] Watchers should be able to restart watching from the last resource version observed by the previous watch [Conformance]", async () => {
    const events = watch(`labelSelector=watch%3Dagain&resourceVersion=${await newest()}`);
    await succeed(api, 201, "POST", configMaps, labelled("again", "again"));
    const seen = await nextIs(events, "ADDED", "again");
    await events.return(undefined);
    await succeed(api, 200, "PUT", `${configMaps}/again`, labelled("again", "again", "2"));
    await succeed(api, 200, "DELETE", `${configMaps}/again`);
    const later = watch(`labelSelector=watch%3Dagain&resourceVersion=${versionOf(seen)}`);
    await nextIs(later, "MODIFIED", "again");
    await nextIs(later, "DELETED", "again");
    await later.return(undefined);
  });

  it("[sig-api-machinery] Watchers should observe an object deletion if it stops meeting the requirements of the selector [Conformance]", async () => {
    const events = watch(`labelSelector=watch%3Dfits&resourceVersion=${await newest()}`);
    await succeed(api, 201, "POST", configMaps, labelled("fits", "fits"));
    await succeed(api, 200, "PUT", `${configMaps}/fits`, labelled("fits", "no-longer"));
    await succeed(api, 200, "PUT", `${configMaps}/fits`, labelled("fits", "fits", "3"));
    await succeed(api, 200, "DELETE", `${configMaps}/fits`);
    await nextIs(events, "ADDED", "fits");
    await nextIs(events, "DELETED", "fits");
    expect(at(await nextIs(events, "ADDED", "fits"), "data", "mutation")).to.equal("3");
    await nextIs(events, "DELETED", "fits");
    await events.return(undefined);
  });

  it("[sig-api-machinery] Watchers should receive events on concurrent watches in same order [Conformance]", async () => {
    const since = await newest();
    const changes = 20;
    const versions: string[] = [];
    for (let index = 0; index < changes; index++) {
      const name = `order-${index % 4}`;
      const method = index < 4 ? "POST" : "PUT";
      const path = index < 4 ? configMaps : `${configMaps}/${name}`;
      versions.push(
        versionOf(await succeed(api, index < 4 ? 201 : 200, method, path, labelled(name, "o", `${index}`))),
      );
    }
    for (const start of [since, ...versions.slice(0, 5)]) {
      const events = watch(`labelSelector=watch%3Do&resourceVersion=${start}`);
      const expected = versions.slice(versions.indexOf(start) + 1);
      for (const version of expected) expect(versionOf((await events.next()).value.object)).to.equal(version);
      await events.return(undefined);
    }
  });

  it("[sig-api-machinery] Servers with support for API chunking should return chunks of results for list calls [Conformance]", async () => {
    await api.namespace("chunks");
    const templates = "/api/v1/namespaces/chunks/podtemplates";
    const template = { spec: { containers: [{ name: "c", image: "i" }] } };
    const count = 40;
    for (let index = 0; index < count; index++) {
      await succeed(api, 201, "POST", templates, {
        metadata: { name: `t-${String(index).padStart(4, "0")}` },
        template,
      });
    }
    const seen: unknown[] = [];
    let next = "";
    let version: string | undefined;
    do {
      const page = await succeed(
        api,
        200,
        "GET",
        `${templates}?limit=7${next && `&continue=${encodeURIComponent(next)}`}`,
      );
      seen.push(...(at(page, "items") as Json[]).map((item) => at(item, "metadata", "name")));
      version ??= versionOf(page);
      expect(versionOf(page)).to.equal(version);
      next = (at(page, "metadata", "continue") as string | undefined) ?? "";
      if (next) expect(at(page, "metadata", "remainingItemCount")).to.equal(count - seen.length);
    } while (next);
    expect(seen).to.have.length(count);
    expect(seen).to.deep.equal([...seen].sort());
  });

  it("[sig-api-machinery] server version should find the server version [Conformance]", async () => {
    const version = await succeed(api, 200, "GET", "/version");
    expect(version).to.include({ major: "1", minor: "35" });
  });

  it("[sig-api-machinery] Discovery should validate PreferredVersion for each APIGroup [Conformance]", async () => {
    for (const group of at(await succeed(api, 200, "GET", "/apis"), "groups") as Json[]) {
      const own = await succeed(api, 200, "GET", `/apis/${at(group, "name")}`);
      const versions = (at(own, "versions") as Json[]).map((version) => at(version, "groupVersion"));
      expect(versions).to.include(at(own, "preferredVersion", "groupVersion"));
      expect(at(own, "preferredVersion")).to.deep.equal(at(group, "preferredVersion"));
    }
  });

  it("[sig-api-machinery] Discovery should locate the groupVersion and a resource within each APIGroup [Conformance]", async () => {
    for (const [path, version, resource] of [
      ["/apis/admissionregistration.k8s.io/v1", "admissionregistration.k8s.io/v1", "validatingwebhookconfigurations"],
      ["/apis/apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1", "customresourcedefinitions"],
      ["/apis/apiregistration.k8s.io/v1", "apiregistration.k8s.io/v1", "apiservices"],
      ["/apis/apps/v1", "apps/v1", "deployments"],
      ["/apis/batch/v1", "batch/v1", "jobs"],
      ["/apis/autoscaling/v2", "autoscaling/v2", "horizontalpodautoscalers"],
      ["/apis/coordination.k8s.io/v1", "coordination.k8s.io/v1", "leases"],
      ["/apis/rbac.authorization.k8s.io/v1", "rbac.authorization.k8s.io/v1", "clusterroles"],
      ["/apis/storage.k8s.io/v1", "storage.k8s.io/v1", "storageclasses"],
    ] as const) {
      const list = await succeed(api, 200, "GET", path);
      expect(at(list, "groupVersion")).to.equal(version);
      expect((at(list, "resources") as Json[]).map((item) => at(item, "name"))).to.include(resource);
    }
  });

  it("[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery endpoint Accept headers [Conformance]", async () => {
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    for (const path of ["/api", "/apis"]) {
      const answer = await api.send("GET", path, undefined, { accept });
      expect(answer.headers["content-type"]).to.contain("as=APIGroupDiscoveryList");
      expect(at(answer.json, "kind")).to.equal("APIGroupDiscoveryList");
    }
    const { json } = await api.send("GET", "/apis", undefined, { accept: "application/json" });
    expect(at(json, "kind")).to.equal("APIGroupList");
  });

  it("[sig-api-machinery] FieldValidation should detect unknown and duplicate fields of a typed object [Conformance]", async () => {
    const body =
      '{"metadata":{"name":"strict"},"spec":{"foo":"bar","replicas":1,"replicas":2,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}';
    const { status, json } = await api.send(
      "POST",
      "/apis/apps/v1/namespaces/default/deployments?fieldValidation=Strict",
      body,
    );
    expect(status).to.equal(400);
    expect(at(json, "message"))
      .to.contain('unknown field "spec.foo"')
      .and.to.contain('duplicate field "spec.replicas"');
  });

  it("[sig-api-machinery] FieldValidation should detect unknown metadata fields of a typed object [Conformance]", async () => {
    const body = { metadata: { name: "strict", unknownMeta: "x" } };
    const { status, json } = await api.send("POST", `${configMaps}?fieldValidation=Strict`, body);
    expect(status).to.equal(400);
    expect(at(json, "message")).to.contain('unknown field "metadata.unknownMeta"');
  });

  it("[sig-auth] SubjectReview should support SubjectReview API operations [Conformance]", async () => {
    const group = "/apis/authorization.k8s.io/v1";
    const resourceAttributes = { verb: "get", resource: "configmaps", namespace: "default" };
    const user = "system:serviceaccount:default:e2e";
    const review = async (path: string, spec: object) =>
      at(await succeed(api, 201, "POST", path, { spec }), "status", "allowed");
    expect(await review(`${group}/subjectaccessreviews`, { user, resourceAttributes })).to.not.equal(true);
    expect(await review(`${group}/selfsubjectaccessreviews`, { resourceAttributes })).to.equal(true);
    const local = { metadata: { namespace: "default" }, spec: { user, resourceAttributes } };
    const localPath = `${group}/namespaces/default/localsubjectaccessreviews`;
    expect(at(await succeed(api, 201, "POST", localPath, local), "status", "allowed")).to.not.equal(true);
  });

  it("[sig-auth] ServiceAccounts should create a serviceAccountToken and ensure a successful TokenReview [Conformance]", async () => {
    const accounts = "/api/v1/namespaces/default/serviceaccounts";
    await succeed(api, 201, "POST", accounts, { metadata: { name: "reviewed" } });
    const made = await succeed(api, 201, "POST", `${accounts}/reviewed/token`, { spec: { expirationSeconds: 600 } });
    const spec = { token: at(made, "status", "token") };
    const reviewed = await succeed(api, 201, "POST", "/apis/authentication.k8s.io/v1/tokenreviews", { spec });
    expect(at(reviewed, "status", "authenticated")).to.equal(true);
    expect(at(reviewed, "status", "user", "username")).to.equal("system:serviceaccount:default:reviewed");
  });

  it("[sig-auth] ServiceAccounts should update a ServiceAccount [Conformance]", async () => {
    const accounts = "/api/v1/namespaces/default/serviceaccounts";
    const made = await succeed(api, 201, "POST", accounts, {
      metadata: { name: "opts" },
      automountServiceAccountToken: false,
    });
    const updated = await succeed(api, 200, "PUT", `${accounts}/opts`, { ...made, automountServiceAccountToken: true });
    expect(at(updated, "automountServiceAccountToken")).to.equal(true);
  });

  it("[sig-auth] ServiceAccounts should allow opting out of API token automount [Conformance]", async () => {
    const accounts = "/api/v1/namespaces/default/serviceaccounts";
    await succeed(api, 201, "POST", accounts, { metadata: { name: "never" }, automountServiceAccountToken: false });
    for (const [account, wish, expected] of [
      ["default", undefined, 1],
      ["default", false, 0],
      ["never", undefined, 0],
      ["never", true, 1],
    ] as const) {
      const spec = { serviceAccountName: account, ...(wish !== undefined && { automountServiceAccountToken: wish }) };
      const pod = podOf(`mount-${account}-${wish}`, spec);
      const made = await succeed(api, 201, "POST", "/api/v1/namespaces/default/pods", pod);
      expect(at(made, "spec", "containers", 0, "volumeMounts") ?? []).to.have.length(expected);
    }
  });

  for (const [name, path, body] of [
    [
      "Events should delete a collection of events",
      "/api/v1/namespaces/default/events",
      { involvedObject: { namespace: "default" } },
    ],
    [
      "Events API should delete a collection of events",
      "/apis/events.k8s.io/v1/namespaces/default/events",
      {
        eventTime: "2026-01-01T00:00:00.000000Z",
        reportingController: "e2e",
        reportingInstance: "e2e",
        action: "Do",
        reason: "Test",
        type: "Normal",
        regarding: { namespace: "default" },
      },
    ],
  ] as const) {
    it(`[sig-instrumentation] ${name} [Conformance]`, async () => {
      const label = name.startsWith("Events API") ? "new" : "core";
      const selected = `${path}?labelSelector=set%3D${label}`;
      for (const index of [1, 2, 3]) {
        await succeed(api, 201, "POST", path, {
          metadata: { name: `${label}-${index}`, labels: { set: label } },
          ...body,
        });
      }
      expect(at(await succeed(api, 200, "GET", selected), "items")).to.have.length(3);
      await succeed(api, 200, "DELETE", selected);
      expect(at(await succeed(api, 200, "GET", selected), "items")).to.have.length(0);
    });
  }

  it("[sig-api-machinery] Namespaces should patch a Namespace [Conformance] [Serial]", async () => {
    await api.namespace("patched");
    await succeed(api, 200, "PATCH", "/api/v1/namespaces/patched", { metadata: { labels: { a: "b" } } }, mergePatch);
    expect(at(await succeed(api, 200, "GET", "/api/v1/namespaces/patched"), "metadata", "labels", "a")).to.equal("b");
  });

  it("[sig-api-machinery] Namespaces should apply an update to a Namespace [Conformance] [Serial]", async () => {
    await api.namespace("updated");
    const present = await succeed(api, 200, "GET", "/api/v1/namespaces/updated");
    const metadata = { ...(at(present, "metadata") as object), labels: { updated: "true" } };
    const after = await succeed(api, 200, "PUT", "/api/v1/namespaces/updated", { ...present, metadata });
    expect(at(after, "metadata", "labels", "updated")).to.equal("true");
  });

  it("[sig-api-machinery] Namespaces should apply changes to a namespace status [Conformance] [Serial]", async () => {
    await api.namespace("status");
    const path = "/api/v1/namespaces/status/status";
    const condition = { type: "StatusPatch", status: "True", reason: "E2E", message: "patched" };
    await succeed(api, 200, "PATCH", path, { status: { conditions: [condition] } }, mergePatch);
    const present = await succeed(api, 200, "GET", path);
    expect(at(present, "status", "conditions", 0)).to.include(condition);
    const status = { ...(at(present, "status") as object), conditions: [{ ...condition, type: "StatusUpdate" }] };
    const updated = await succeed(api, 200, "PUT", path, { ...present, status });
    expect(at(updated, "status", "conditions", 0, "type")).to.equal("StatusUpdate");
  });

  it("[sig-api-machinery] Namespaces should apply a finalizer to a Namespace [Conformance] [Serial]", async () => {
    await api.namespace("finalized");
    const present = await succeed(api, 200, "GET", "/api/v1/namespaces/finalized");
    const path = "/api/v1/namespaces/finalized/finalize";
    const spec = { finalizers: ["kubernetes", "e2e.example.com/hold"] };
    const held = await succeed(api, 200, "PUT", path, { ...present, spec });
    expect(at(held, "spec", "finalizers")).to.deep.equal(spec.finalizers);
    const released = await succeed(api, 200, "PUT", path, { ...held, spec: { finalizers: ["kubernetes"] } });
    expect(at(released, "spec", "finalizers")).to.deep.equal(["kubernetes"]);
  });
});

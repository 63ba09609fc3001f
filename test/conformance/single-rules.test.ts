import { expect } from "chai";
import { at, type Json, watchEvents } from "../integration/apiserver/open-test-server.ts";
import { nextIs, succeed } from "./check-operations.ts";
import { type Api, openApi } from "./open-api.ts";

const mergePatch = { "content-type": "application/merge-patch+json" };
const strategicPatch = { "content-type": "application/strategic-merge-patch+json" };
const podSpec = { terminationGracePeriodSeconds: 1, containers: [{ name: "c", image: "i" }] };
const template = (label: string) => ({ metadata: { labels: { label } }, spec: podSpec });

describe("conformance: what kinds without controllers do", () => {
  let api: Api;
  let count = 0;
  before(async () => {
    api = await openApi();
  });
  after(() => api.close());

  /** A namespace of the test's own. */
  async function place(): Promise<string> {
    const name = `rules-${++count}`;
    await api.namespace(name);
    return `/api/v1/namespaces/${name}`;
  }
  const names = async (path: string) =>
    (at(await succeed(api, 200, "GET", path), "items") as Json[]).map((item) => at(item, "metadata", "name"));

  for (const [title, resource] of [
    ["[sig-node] ConfigMap should fail to create ConfigMap with empty key [Conformance]", "configmaps"],
    ["[sig-node] Secrets should fail to create secret due to empty secret key [Conformance]", "secrets"],
  ] as const) {
    it(title, async () => {
      const body = { metadata: { name: "empty-key" }, data: { "": "dmFsdWU=" } };
      const { status, json } = await api.send("POST", `${await place()}/${resource}`, body);
      expect([status, at(json, "details", "causes", 0, "field")]).to.deep.equal([422, "data[]"]);
    });
  }

  for (const [title, resource] of [
    ["[sig-storage] ConfigMap should be immutable if `immutable` field is set [Conformance]", "configmaps"],
    ["[sig-storage] Secrets should be immutable if `immutable` field is set [Conformance]", "secrets"],
  ] as const) {
    it(title, async () => {
      const path = `${await place()}/${resource}`;
      const data = (value: string) => ({ a: Buffer.from(value).toString("base64") });
      const created = await succeed(api, 201, "POST", path, { metadata: { name: "fixed" }, data: data("1") });
      const changed = await succeed(api, 200, "PUT", `${path}/fixed`, { ...created, data: data("2") });
      const fixed = await succeed(api, 200, "PUT", `${path}/fixed`, { ...changed, immutable: true });
      for (const change of [{ data: data("3") }, { immutable: false }]) {
        expect((await api.send("PUT", `${path}/fixed`, { ...fixed, ...change })).status).to.equal(422);
      }
      await succeed(api, 200, "PATCH", `${path}/fixed`, { metadata: { labels: { a: "b" } } }, mergePatch);
      await succeed(api, 200, "DELETE", `${path}/fixed`);
    });
  }

  it("[sig-node] Secrets should patch a secret [Conformance]", async () => {
    const path = `${await place()}/secrets`;
    const metadata = { name: "patched", labels: { testsecret: "true" } };
    await succeed(api, 201, "POST", path, { metadata, data: { key: "dmFsdWU=" } });
    expect(await names("/api/v1/secrets?labelSelector=testsecret%3Dtrue")).to.include("patched");
    const patch = { metadata: { labels: { testsecret: "false" } }, data: { key: "dmFsdWUx" } };
    const patched = await succeed(api, 200, "PATCH", `${path}/patched`, patch, strategicPatch);
    expect(at(patched, "data", "key")).to.equal("dmFsdWUx");
    await succeed(api, 200, "DELETE", `${path}?labelSelector=testsecret%3Dfalse`);
    expect(await names(path)).to.not.include("patched");
  });

  it("[sig-node] Lease lease API should be available [Conformance]", async () => {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${(await place()).split("/").at(-1)}/leases`;
    const spec = (holderIdentity: string, leaseTransitions: number) => ({
      holderIdentity,
      leaseDurationSeconds: 30,
      leaseTransitions,
      acquireTime: "2026-01-01T00:00:00.000000Z",
      renewTime: "2026-01-01T00:00:05.123456Z",
    });
    const created = await succeed(api, 201, "POST", path, { metadata: { name: "lease" }, spec: spec("holder", 0) });
    expect(at(created, "spec")).to.deep.equal(spec("holder", 0));
    const updated = await succeed(api, 200, "PUT", `${path}/lease`, { ...created, spec: spec("other", 1) });
    expect(at(updated, "spec")).to.deep.equal(spec("other", 1));
    const patched = await succeed(
      api,
      200,
      "PATCH",
      `${path}/lease`,
      { spec: { leaseDurationSeconds: 60 } },
      strategicPatch,
    );
    expect(at(patched, "spec", "leaseDurationSeconds")).to.equal(60);
    await succeed(api, 201, "POST", path, { metadata: { name: "second", labels: { deletecollection: "true" } } });
    await succeed(api, 200, "DELETE", `${path}?labelSelector=deletecollection%3Dtrue`);
    expect(await names(path)).to.deep.equal(["lease"]);
    await succeed(api, 200, "DELETE", `${path}/lease`);
    await succeed(api, 404, "GET", `${path}/lease`);
  });

  it("[sig-node] PodTemplates should replace a pod template [Conformance]", async () => {
    const path = `${await place()}/podtemplates`;
    const created = await succeed(api, 201, "POST", path, { metadata: { name: "t" }, template: template("a") });
    const metadata = { ...(at(created, "metadata") as object), annotations: { updated: "true" } };
    const replaced = await succeed(api, 200, "PUT", `${path}/t`, { ...created, metadata });
    expect(at(replaced, "metadata", "annotations", "updated")).to.equal("true");
  });

  /** Kinds of which several are made, selected and removed at once. */
  const collections: readonly (readonly [title: string, resource: string, body: object])[] = [
    [
      "[sig-node] PodTemplates should delete a collection of pod templates [Conformance]",
      "podtemplates",
      { template: template("a") },
    ],
    ["[sig-node] Pods should delete a collection of pods [Conformance]", "pods", { spec: podSpec }],
    [
      "[sig-network] Services should delete a collection of services [Conformance]",
      "services",
      { spec: { selector: { a: "b" }, ports: [{ port: 80, targetPort: 80 }] } },
    ],
  ];
  for (const [title, resource, body] of collections) {
    it(title, async () => {
      const path = `${await place()}/${resource}`;
      for (const name of ["one", "two", "three"]) {
        const labels = { set: name === "three" ? "other" : "collected" };
        await succeed(api, 201, "POST", path, { metadata: { name, labels }, ...body });
      }
      expect(await names(`${path}?labelSelector=set%3Dcollected`)).to.have.members(["one", "two"]);
      await succeed(api, 200, "DELETE", `${path}?labelSelector=set%3Dcollected`);
      expect(await names(path)).to.deep.equal(["three"]);
    });
  }

  it("[sig-scheduling] LimitRange should list, patch and delete a LimitRange by collection [Conformance]", async () => {
    const [path, other] = [`${await place()}/limitranges`, `${await place()}/limitranges`];
    const limits = (cpu: string) => [{ type: "Container", default: { cpu }, defaultRequest: { cpu: "50m" } }];
    const labels = { "e2e-limits": "listed" };
    for (const target of [path, other]) {
      await succeed(api, 201, "POST", target, {
        metadata: { name: "limits", labels },
        spec: { limits: limits("500m") },
      });
    }
    const selected = "labelSelector=e2e-limits%3Dlisted";
    expect(await names(`/api/v1/limitranges?${selected}`)).to.deep.equal(["limits", "limits"]);
    const patch = { metadata: { labels: { patched: "true" } }, spec: { limits: limits("300m") } };
    const patched = await succeed(api, 200, "PATCH", `${path}/limits`, patch, strategicPatch);
    expect(at(patched, "spec", "limits", 0, "default", "cpu")).to.equal("300m");
    await succeed(api, 200, "DELETE", `${path}?labelSelector=patched%3Dtrue`);
    expect([await names(path), await names(other)]).to.deep.equal([[], ["limits"]]);
  });

  it("[sig-node] Pods should patch a pod status [Conformance]", async () => {
    const path = `${await place()}/pods`;
    await succeed(api, 201, "POST", path, { metadata: { name: "pod" }, spec: podSpec });
    const condition = { type: "StatusUpdate", status: "True", reason: "E2E", message: "Set from e2e test" };
    const patch = { status: { message: "Patched by e2e test", reason: "E2E", conditions: [condition] } };
    const patched = await succeed(api, 200, "PATCH", `${path}/pod/status`, patch, strategicPatch);
    expect(at(patched, "status")).to.include({ message: "Patched by e2e test", reason: "E2E" });
    expect(at(await succeed(api, 200, "GET", `${path}/pod/status`), "status")).to.deep.equal(at(patched, "status"));
  });

  it("[sig-network] Services should find a service from listing all namespaces [Conformance]", async () => {
    const services = at(await succeed(api, 200, "GET", "/api/v1/services"), "items") as Json[];
    const ports = [{ name: "https", port: 443 }];
    if (services.every((service) => at(service, "metadata", "name") !== "kubernetes")) {
      // A server in memory has no address of its own to announce.
      await succeed(api, 201, "POST", "/api/v1/namespaces/default/services", {
        metadata: { name: "kubernetes" },
        spec: { ports },
      });
    }
    expect(await names("/api/v1/services")).to.include("kubernetes");
  });

  it("[sig-network] Services should complete a service status lifecycle [Conformance]", async () => {
    const path = `${await place()}/services`;
    const created = await succeed(api, 201, "POST", path, {
      metadata: { name: "status", labels: { "test-service-static": "true" } },
      spec: { type: "LoadBalancer", selector: { a: "b" }, ports: [{ name: "http", port: 80, targetPort: 80 }] },
    });
    const since = at(created, "metadata", "resourceVersion");
    const events = watchEvents(
      api.transport,
      `${path}?watch=true&resourceVersion=${since}`,
      AbortSignal.timeout(10_000),
    );
    const ingress = (ip: string) => ({ status: { loadBalancer: { ingress: [{ ip, ipMode: "VIP" }] } } });
    await succeed(api, 200, "PATCH", `${path}/status/status`, ingress("203.0.113.1"), mergePatch);
    expect(at(await nextIs(events, "MODIFIED", "status"), "status")).to.deep.equal(ingress("203.0.113.1").status);
    const read = await succeed(api, 200, "GET", `${path}/status/status`);
    const conditions = [
      {
        type: "StatusUpdate",
        status: "True",
        reason: "E2E",
        message: "Set by e2e",
        lastTransitionTime: "2026-01-01T00:00:00Z",
      },
    ];
    await succeed(api, 200, "PUT", `${path}/status/status`, { ...read, status: { conditions } });
    const reported = await nextIs(events, "MODIFIED", "status");
    expect(at(reported, "status", "conditions")).to.deep.equal(conditions);
    await succeed(api, 200, "PATCH", `${path}/status`, { metadata: { labels: { patched: "true" } } }, mergePatch);
    await nextIs(events, "MODIFIED", "status");
    await succeed(api, 200, "DELETE", `${path}/status`);
    await nextIs(events, "DELETED", "status");
    await events.return(undefined);
  });

  it("[sig-storage] PersistentVolumes CSI Conformance should apply changes to a pv/pvc status [Conformance]", async () => {
    const accessModes = ["ReadWriteOnce"];
    const volume = {
      metadata: { name: "e2e-status" },
      spec: { capacity: { storage: "1Gi" }, accessModes, storageClassName: "e2e", hostPath: { path: "/tmp/e2e" } },
    };
    const claim = {
      metadata: { name: "e2e-status" },
      spec: { accessModes, storageClassName: "e2e", resources: { requests: { storage: "1Gi" } } },
    };
    const condition = { type: "StatusPatched", status: "True", reason: "E2E", message: "Set by e2e test" };
    for (const [path, object, patch] of [
      ["/api/v1/persistentvolumes", volume, { message: "StatusPatched", reason: "E2E" }],
      [`${await place()}/persistentvolumeclaims`, claim, { conditions: [condition] }],
    ] as const) {
      await succeed(api, 201, "POST", path, object);
      const own = `${path}/e2e-status`;
      const patched = await succeed(api, 200, "PATCH", `${own}/status`, { status: patch }, mergePatch);
      expect(JSON.stringify(at(patched, "status"))).to.contain("StatusPatched");
      const read = await succeed(api, 200, "GET", `${own}/status`);
      const updated = await succeed(api, 200, "PUT", `${own}/status`, {
        ...read,
        status: { ...(at(read, "status") as object), phase: "Pending" },
      });
      expect(at(updated, "status", "phase")).to.equal("Pending");
      await succeed(api, 200, "DELETE", own);
    }
  });

  it("[sig-storage] VolumeAttachment Conformance should apply changes to a volumeattachment status [Conformance]", async () => {
    const path = "/apis/storage.k8s.io/v1/volumeattachments";
    const spec = { attacher: "e2e.example.com", nodeName: "worker", source: { persistentVolumeName: "pv" } };
    await succeed(api, 201, "POST", path, { metadata: { name: "e2e-attached" }, spec });
    const patched = await succeed(
      api,
      200,
      "PATCH",
      `${path}/e2e-attached/status`,
      { status: { attached: true } },
      mergePatch,
    );
    expect(at(patched, "status", "attached")).to.equal(true);
    const read = await succeed(api, 200, "GET", `${path}/e2e-attached/status`);
    const updated = await succeed(api, 200, "PUT", `${path}/e2e-attached/status`, {
      ...read,
      status: { attached: false },
    });
    expect(at(updated, "status", "attached")).to.equal(false);
    await succeed(api, 200, "DELETE", `${path}/e2e-attached`);
  });
});

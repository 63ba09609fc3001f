import type { Deployment, Event, KubeObject, Node } from "@tskube/api";
import { expect } from "chai";
import type { TestCluster } from "../framework/cluster.ts";
import { command } from "../framework/command.ts";
import { eventually } from "../framework/eventually.ts";
import { type ApiProxy, bookCluster, canRunClusters, podManifest, startProxy } from "./book-cluster.ts";

const deployments = "/apis/apps/v1/namespaces/default/deployments";

describe("the book, 4.1 and 4.2: objects of the API", function () {
  this.timeout(60_000);
  let cluster: TestCluster;
  let proxy: ApiProxy;
  before(async function () {
    if (!canRunClusters) this.skip();
    this.timeout(240_000);
    cluster = await bookCluster();
    proxy = await startProxy(cluster);
  });
  after(() => proxy?.stop());

  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${proxy.url}${path}`, {
      method,
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, type: response.headers.get("content-type"), text };
  };
  const json = async <T>(method: string, path: string, body?: unknown): Promise<T> =>
    JSON.parse((await call(method, path, body)).text) as T;
  const deployment = (name: string, replicas = 0) => ({
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "c", image: "host" }] } },
    },
  });

  it("C4-01: nothing but the apiserver talks to etcd, and pods wait while the scheduler stands still", async () => {
    const { programs } = await cluster.overview();
    const peers = new Set<string | undefined>();
    const sockets = await command([
      "nsenter",
      "--net=/run/netns/tskube-book-control-plane",
      "ss",
      "-tnpH",
      "dport = :2379",
    ]);
    for (const [, pid] of sockets.stdout.matchAll(/pid=(\d+)/g)) {
      peers.add(programs.find((program) => program.pid === Number(pid))?.name);
    }
    peers.delete("etcd"); // its own gateway
    expect([...peers]).to.deep.equal(["apiserver"]);

    const scheduler = await cluster.pidOf("scheduler");
    process.kill(scheduler, "SIGSTOP");
    try {
      await cluster.kubectl(["apply", "-f", "-"], { input: podManifest("waits", "sleep 1000") });
      await cluster.get("wait", "pod/waits", "--for=jsonpath={.status.phase}=Pending", "--timeout=5s");
      const bound = await cluster.kubectl(["wait", "pod/waits", "--for=condition=PodScheduled", "--timeout=1s"]);
      expect(bound.stderr).to.contain("timed out waiting");
    } finally {
      process.kill(scheduler, "SIGCONT");
    }
    await cluster.get("wait", "pod/waits", "--for=condition=Ready", "--timeout=20s");
    await cluster.get("delete", "pod", "waits", "--wait=false");
  });

  it("C4-02: objects are made, read, changed and removed by HTTP methods on their URIs", async () => {
    const path = `${deployments}/verbs`;
    expect((await call("POST", deployments, deployment("verbs"))).status).to.equal(201);
    // The controller writes it, too: whoever comes late reads it again.
    await eventually(async () => {
      const read = await call("GET", path);
      expect(read.status).to.equal(200);
      const object = JSON.parse(read.text) as Deployment;
      const changed = { ...object, metadata: { ...object.metadata, labels: { a: "b" } } };
      expect((await call("PUT", path, changed)).status).to.equal(200);
    });
    const patched = await call(
      "PATCH",
      path,
      { metadata: { labels: { c: "d" } } },
      { "content-type": "application/merge-patch+json" },
    );
    expect(patched.status).to.equal(200);
    expect(JSON.parse(patched.text).metadata.labels).to.deep.equal({ a: "b", c: "d" });
    expect((await call("DELETE", path)).status).to.equal(200);
    const gone = await call("GET", path);
    expect(gone.status).to.equal(404);
    expect(JSON.parse(gone.text)).to.include({ kind: "Status", reason: "NotFound", code: 404 });
  });

  it("C4-03: a collection and an instance show the same object", async () => {
    await call("POST", deployments, deployment("mydeploy"));
    const pick = ({ metadata }: KubeObject) => ({ uid: metadata.uid, version: metadata.resourceVersion });
    await eventually(async () => {
      const one = pick(await json("GET", `${deployments}/mydeploy`));
      for (const path of ["/apis/apps/v1/deployments", deployments]) {
        const { items } = await json<{ items: KubeObject[] }>("GET", path);
        expect(items.filter(({ metadata }) => metadata.name === "mydeploy").map(pick)).to.deep.equal([one]);
      }
    });
    expect((await call("GET", "/api/v1/deployments")).status).to.equal(404);
    await call("DELETE", `${deployments}/mydeploy`);
  });

  it("C4-04: one stored object is served by several groups and versions", async () => {
    const event = {
      metadata: { name: "both", namespace: "default" },
      involvedObject: { kind: "Pod", namespace: "default", name: "p" },
      reason: "Told",
      message: "the same everywhere",
      type: "Normal",
      count: 3,
      source: { component: "book" },
    };
    const core = await json<Event>("POST", "/api/v1/namespaces/default/events", event);
    const path = "/apis/events.k8s.io/v1/namespaces/default/events/both";
    const other = await json<KubeObject & Record<string, unknown>>("GET", path);
    expect(other.metadata.uid).to.equal(core.metadata.uid);
    expect(other).to.deep.include({ note: event.message, regarding: event.involvedObject, deprecatedCount: 3 });
    const target = { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" } };
    const old = { metadata: { name: "both" }, spec: { ...target, maxReplicas: 3, targetCPUUtilizationPercentage: 50 } };
    await call("POST", "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers", old);
    const hpa = await json<{ spec: object }>(
      "GET",
      "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/both",
    );
    expect(hpa.spec).to.deep.include({
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
      ],
    });
    await cluster.get("delete", "hpa/both", "event/both");
  });

  it("C4-05: an access review is answered and stored nowhere", async () => {
    const path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    const review = (user: string) => ({
      spec: { user, resourceAttributes: { verb: "get", resource: "nodes", name: "n" } },
    });
    const newest = async () =>
      (await json<KubeObject>("GET", "/api/v1/namespaces/default/secrets")).metadata.resourceVersion;
    const before = await newest();
    const denied = await call("POST", path, review("nobody-at-all"));
    expect(denied.status).to.equal(201);
    expect(JSON.parse(denied.text).status.allowed).to.equal(false);
    const groups = { spec: { ...review("someone").spec, groups: ["system:masters"] } };
    expect(JSON.parse((await call("POST", path, groups)).text).status.allowed).to.equal(true);
    expect((await call("GET", path)).status).to.equal(405);
    expect(Number(await newest())).to.be.at.least(Number(before));
    expect(await cluster.get("auth", "can-i", "delete", "nodes")).to.equal("yes");
    const other = await cluster.kubectl(["auth", "can-i", "delete", "nodes", "--as=nobody-at-all"]);
    expect([other.code, other.stdout.trim()]).to.deep.equal([1, "no"]);
  });

  it("C4-06: JSON unless YAML is asked for, and bodies in either", async () => {
    const path = "/api/v1/namespaces/default/configmaps";
    const yaml = "metadata:\n  name: in-yaml\ndata:\n  a: b\n";
    expect((await call("POST", path, yaml, { "content-type": "application/yaml" })).status).to.equal(201);
    const plain = await call("GET", `${path}/in-yaml`);
    expect(plain.type).to.equal("application/json");
    expect(JSON.parse(plain.text).data).to.deep.equal({ a: "b" });
    const asked = await call("GET", `${path}/in-yaml`, undefined, { accept: "application/yaml" });
    expect(asked.type).to.equal("application/yaml");
    expect(asked.text).to.match(/^apiVersion: v1\ndata:\n {2}a: b\nkind: ConfigMap\n/);
    expect((await call("GET", `${path}/in-yaml`, undefined, { accept: "text/csv" })).status).to.equal(406);
    await cluster.get("delete", "configmap", "in-yaml");
  });

  it("C4-07, C4-10: every object names its version, kind and metadata; events have neither spec nor status", async () => {
    await call("POST", deployments, deployment("shapes", 1));
    await cluster.get("wait", "deployment/shapes", "--for=jsonpath={.status.replicas}=1", "--timeout=20s");
    await cluster.get("expose", "deployment", "shapes", "--port=80");
    const pod = (await cluster.get("get", "pods", "-l", "app=shapes", "-o", "name")).split("\n")[0] ?? "";
    for (const [object, apiVersion, hasSpec] of [
      ["node/worker-1", "v1", true],
      [pod, "v1", true],
      ["deployment/shapes", "apps/v1", true],
      ["service/shapes", "v1", true],
    ] as const) {
      const found = await cluster.json<KubeObject & { spec?: object; status?: object }>("get", object);
      expect(found.apiVersion, object).to.equal(apiVersion);
      expect([found.spec !== undefined, found.status !== undefined], object).to.deep.equal([hasSpec, hasSpec]);
    }
    const sets = await cluster.json<{ items: KubeObject[] }>("get", "replicasets");
    expect(sets.items[0]?.apiVersion).to.equal("apps/v1");
    const [event] = (await cluster.json<{ items: object[] }>("get", "events")).items;
    expect(event).to.include({ apiVersion: "v1", kind: "Event" });
    expect(event).to.not.have.any.keys("spec", "status");
    await cluster.get("delete", "deployment,service", "shapes");
  });

  it("C4-08: who writes the whole object owns its spec, who writes its status owns that", async () => {
    await call("POST", deployments, deployment("owned"));
    const path = `${deployments}/owned`;
    // Each reads and writes again when the controller has written a status in between.
    const read = await eventually(async () => {
      const found = await json<Deployment>("GET", path);
      expect(found.status?.observedGeneration).to.equal(1);
      const changed = { ...found, status: { replicas: 7 }, spec: { ...found.spec, paused: true } };
      const written = await json<Deployment>("PUT", path, changed);
      expect(written.spec?.paused).to.equal(true);
      expect(written.status).to.deep.equal(found.status);
      return found;
    });
    expect((await call("PUT", path, read)).status).to.equal(409);
    await eventually(async () => {
      const current = await json<Deployment>("GET", path);
      const changed = {
        ...current,
        spec: { ...current.spec, replicas: 9 },
        status: { ...current.status, collisionCount: 1 },
      };
      const reported = await json<Deployment>("PUT", `${path}/status`, changed);
      expect([reported.spec?.replicas, reported.status?.collisionCount]).to.deep.equal([0, 1]);
    });
    await call("DELETE", path);
  });

  it("C4-09: a controller acts on a changed spec and reports in the status", async () => {
    await cluster.get("create", "deployment", "followed", "--image=host", "--", "sh", "-c", "sleep 1000");
    await cluster.get("scale", "deployment", "followed", "--replicas=2");
    await eventually(async () => {
      const { metadata, status } = await cluster.json<Deployment>("get", "deployment", "followed");
      expect(status).to.include({ readyReplicas: 2, observedGeneration: metadata.generation });
    });
    await cluster.get("delete", "deployment", "followed", "--wait=false");
  });

  it("C4-11: metadata holds what identifies an object, and the fields of its writers unless left out", async () => {
    const create = () => cluster.get("create", "configmap", "identity", "--from-literal=a=b");
    await create();
    const first = await cluster.json<KubeObject>("get", "configmap", "identity");
    expect(first.metadata).to.include({ name: "identity", namespace: "default" });
    expect(first.metadata.creationTimestamp).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(first.metadata.resourceVersion).to.match(/^\d+$/);
    expect(first.metadata).to.not.have.property("managedFields");
    const shown = await cluster.get("get", "configmap", "identity", "-o", "yaml", "--show-managed-fields");
    expect(shown).to.contain("manager: kubectl-create");
    await cluster.get("label", "configmap", "identity", "x=y");
    const labelled = await cluster.json<KubeObject>("get", "configmap", "identity");
    expect(labelled.metadata.uid).to.equal(first.metadata.uid);
    expect(labelled.metadata.resourceVersion).to.not.equal(first.metadata.resourceVersion);
    await cluster.get("delete", "configmap", "identity");
    await create();
    expect((await cluster.json<KubeObject>("get", "configmap", "identity")).metadata.uid).to.not.equal(
      first.metadata.uid,
    );
    expect((await cluster.json<Node>("get", "node", "worker-1")).metadata).to.not.have.property("namespace");
    await cluster.get("delete", "configmap", "identity");
  });

  it("C4-12: output comes as JSON, YAML or wider tables", async () => {
    expect((await cluster.json<Node>("get", "node", "worker-1")).status?.conditions).to.have.length(4);
    expect(await cluster.get("get", "node", "worker-1", "-o", "yaml")).to.match(/^apiVersion: v1\nkind: Node\n/);
    expect(await cluster.get("get", "node", "worker-1", "-o", "wide")).to.contain("CONTAINER-RUNTIME");
  });

  it("C4-13: the keys of YAML stand in the order of the alphabet", async () => {
    const yaml = await cluster.get("get", "events", "-o", "yaml");
    const items = yaml
      .replace(/^kind: List[\s\S]*/m, "")
      .split(/^- /m)
      .slice(1);
    expect(items).to.not.have.length(0);
    for (const item of items) {
      const keys = [...`  ${item}`.matchAll(/^ {2}([a-z]\w*):/gm)].map(([, key]) => key);
      expect(keys).to.include.members(["involvedObject", "kind", "metadata"]);
      expect(keys).to.deep.equal([...keys].sort());
    }
  });

  it("C4-14: the API is served over TLS to those who prove who they are", async () => {
    const { stdout: server } = await cluster.kubectl([
      "config",
      "view",
      "--minify",
      "-o",
      "jsonpath={.clusters[0].cluster.server}",
    ]);
    expect(server).to.match(/^https:\/\//);
    const anonymous = await command(["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", `${server}/api/v1/nodes`]);
    expect(anonymous.stdout).to.be.oneOf(["401", "403"]);
    const wrong = await command(["curl", "-sk", "-H", "Authorization: Bearer wrong", `${server}/api/v1/nodes`]);
    expect(JSON.parse(wrong.stdout)).to.include({ kind: "Status", code: 401 });
    expect(await cluster.get("get", "--raw", "/api/v1/nodes")).to.contain("NodeList");
  });
});

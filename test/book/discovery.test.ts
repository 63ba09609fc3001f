import { expect } from "chai";
import type { TestCluster } from "../framework/cluster.ts";
import { type ApiProxy, bookCluster, canRunClusters, end, startKubectl, startProxy } from "./book-cluster.ts";

const tableAccept = "application/json;as=Table;v=v1;g=meta.k8s.io";

describe("the book, 4.2: finding out about the API", function () {
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

  const read = async <T>(path: string, accept = "application/json"): Promise<T> =>
    (await (await fetch(`${proxy.url}${path}`, { headers: { accept } })).json()) as T;

  it("C4-15: kubectl proxy serves the API over plain HTTP, streams watches and keeps exec out", async () => {
    const node = await read<{ metadata: { uid: string } }>("/api/v1/nodes/worker-1");
    expect(node.metadata.uid).to.equal(await cluster.get("get", "node", "worker-1", "-o", "jsonpath={.metadata.uid}"));
    const watch = await fetch(`${proxy.url}/api/v1/nodes?watch=true&fieldSelector=metadata.name%3Dworker-1`);
    const first = (await watch.body?.getReader().read())?.value ?? new Uint8Array();
    expect(JSON.parse(Buffer.from(first).toString().split("\n")[0] ?? "")).to.include({ type: "ADDED" });
    const exec = await fetch(`${proxy.url}/api/v1/namespaces/default/pods/none/exec?command=sh`);
    expect(exec.status).to.equal(403);
    const other = await startProxy(cluster, "--api-prefix=/k8s", "--reject-paths=^/api/v1/secrets");
    expect((await fetch(`${other.url}/k8s/api/v1/secrets`)).status).to.equal(403);
    expect((await fetch(`${other.url}/k8s/api/v1/nodes`)).status).to.equal(200);
    await other.stop();
  });

  it("C4-16: discovery names resources, short names, verbs and categories", async () => {
    expect(await read("/api")).to.deep.include({ kind: "APIVersions", versions: ["v1"] });
    const { groups } = await read<{ groups: { name: string; preferredVersion: object }[] }>("/apis");
    expect(groups.map(({ name }) => name)).to.include.members(["apps", "batch", "rbac.authorization.k8s.io"]);
    const { resources } = await read<{ resources: { name: string }[] }>("/api/v1");
    const pods = resources.find(({ name }) => name === "pods");
    expect(pods).to.deep.include({
      kind: "Pod",
      singularName: "pod",
      namespaced: true,
      shortNames: ["po"],
      categories: ["all"],
    });
    const apps = await read<{ resources: { name: string }[] }>("/apis/apps/v1");
    expect(apps.resources.map(({ name }) => name)).to.include.members([
      "deployments",
      "deployments/scale",
      "replicasets",
    ]);
    const names = await cluster.get("get", "nodes", "-o", "name");
    for (const word of ["no", "node", "nodes"]) expect(await cluster.get("get", word, "-o", "name")).to.equal(names);
    for (const word of ["po", "svc", "deploy", "rs", "cm", "ns", "sa", "pvc"]) await cluster.get("get", word);
    const resourceNames = (await cluster.get("api-resources", "--categories=all", "-o", "name")).split("\n").sort();
    expect(resourceNames).to.include.members(["daemonsets.apps", "deployments.apps", "jobs.batch", "pods", "services"]);
  });

  it("C4-17: the server prints tables, with wide columns and a version to watch from", async () => {
    for (const path of ["/api/v1/nodes", "/api/v1/nodes/worker-1"]) {
      const table = await read<{ metadata: { resourceVersion: string }; columnDefinitions: object[] }>(
        path,
        tableAccept,
      );
      expect(table).to.include({ kind: "Table", apiVersion: "meta.k8s.io/v1" });
      expect(table.metadata.resourceVersion).to.match(/^\d+$/);
      const columns = table.columnDefinitions as { name: string; priority: number }[];
      expect(columns.filter(({ priority }) => priority === 0).map(({ name }) => name)).to.deep.equal([
        "Name",
        "Status",
        "Roles",
        "Age",
        "Version",
      ]);
      expect(columns.filter(({ priority }) => priority === 1)).to.have.length(5);
    }
    const watch = await startKubectl(cluster, ["get", "configmaps", "-w"], /kube-root-ca\.crt +1 +\S+\n/);
    await cluster.get("create", "configmap", "watched", "--from-literal=a=b");
    await cluster.get("delete", "configmap", "watched");
    await end(watch.child);
    expect(watch.output()).to.match(/watched +1 +0s/);
  });

  it("C4-18: explain describes a kind by any of its names", async () => {
    for (const word of ["nodes", "node", "no"]) {
      const text = await cluster.get("explain", word);
      expect(text).to.match(/^KIND: +Node\nVERSION: +v1\n\nDESCRIPTION:\n {4}\S/);
      for (const field of [
        "apiVersion\t<string>",
        "kind\t<string>",
        "metadata\t<ObjectMeta>",
        "spec\t<NodeSpec>",
        "status\t<NodeStatus>",
      ]) {
        expect(text).to.contain(`  ${field}`);
      }
    }
  });

  it("C4-19: explain goes down into fields, and says when there is none", async () => {
    const spec = await cluster.get("explain", "node.spec");
    expect(spec).to.contain("FIELD: spec <NodeSpec>");
    for (const field of [
      "configSource",
      "externalID",
      "podCIDR",
      "podCIDRs",
      "providerID",
      "taints",
      "unschedulable",
    ]) {
      expect(spec).to.match(new RegExp(`^  ${field}\\t<`, "m"));
    }
    expect(await cluster.get("explain", "pod.spec.containers")).to.contain("FIELD: containers <[]Container>");
    const conditions = await cluster.get("explain", "node.status.conditions");
    for (const field of ["lastHeartbeatTime", "lastTransitionTime", "message", "reason", "status", "type"]) {
      expect(conditions).to.match(new RegExp(`^  ${field}\\t<`, "m"));
    }
    for (const path of ["node.spec", "node.status.conditions", "deployment.status.conditions"]) {
      expect(await cluster.get("explain", path)).to.not.contain("<no description>");
    }
    const none = await cluster.kubectl(["explain", "node.nosuch"]);
    expect([none.code, none.stderr.trim()]).to.deep.equal([1, 'error: field "nosuch" does not exist']);
  });

  it("C4-20: explain shows other versions and whole trees", async () => {
    const old = await cluster.get("explain", "hpa", "--api-version=autoscaling/v1");
    expect(old).to.match(/^GROUP: +autoscaling\nKIND: +HorizontalPodAutoscaler\nVERSION: +v1\n/);
    expect(await cluster.get("explain", "hpa.spec", "--api-version=autoscaling/v1")).to.contain(
      "targetCPUUtilizationPercentage",
    );
    const tree = await cluster.get("explain", "pods", "--recursive");
    for (const field of ["initContainers\t<[]Container>", "shareProcessNamespace\t<boolean>", "stdinOnce\t<boolean>"]) {
      expect(tree).to.contain(field);
    }
  });

  it("C4-21: events have fields of their own instead of spec and status", async () => {
    const text = await cluster.get("explain", "events");
    const fields = [...text.matchAll(/^ {2}(\w+)\t</gm)].map(([, name]) => name);
    expect(fields).to.deep.equal([
      "action",
      "apiVersion",
      "count",
      "eventTime",
      "firstTimestamp",
      "involvedObject",
      "kind",
      "lastTimestamp",
      "message",
      "metadata",
      "reason",
      "related",
      "reportingComponent",
      "reportingInstance",
      "series",
      "source",
      "type",
    ]);
    expect(text).to.match(/type\t<string>\n +.*Normal, Warning/);
  });
});

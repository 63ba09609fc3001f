import type { Event, Node, Pod } from "@tskube/api";
import { expect } from "chai";
import { type ApiProcess, startApiProcess } from "../framework/api-process.ts";
import type { TestCluster } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { senderOver, watchEvents } from "../integration/apiserver/open-test-server.ts";
import { bookCluster, canRunClusters, end, podManifest, startKubectl } from "./book-cluster.ts";

describe("the book, 4.3: events", function () {
  this.timeout(60_000);
  let cluster: TestCluster;
  before(async function () {
    if (!canRunClusters) this.skip();
    this.timeout(240_000);
    cluster = await bookCluster();
    await cluster.kubectl(["apply", "-f", "-"], { input: podManifest("kubia", "sleep 1000") });
    await cluster.get("wait", "pod/kubia", "--for=condition=Ready", "--timeout=30s");
  });
  after(() => cluster?.get("delete", "pod", "kubia", "--wait=false"));

  const eventsOf = async (...selector: string[]) =>
    (await cluster.json<{ items: Event[] }>("get", "events", "--field-selector", selector.join(","))).items;
  const ofKubia = () => eventsOf("involvedObject.kind=Pod", "involvedObject.name=kubia");

  it("C4-60: the parts of the cluster tell what they do by objects of their own", async () => {
    await eventually(async () => {
      const told = (await ofKubia()).map(({ type, reason, source }) => [type, reason, source?.component]);
      expect(told).to.deep.include.members([
        ["Normal", "Scheduled", "default-scheduler"],
        ["Normal", "Created", "kubelet"],
        ["Normal", "Started", "kubelet"],
      ]);
    });
    expect(await cluster.json<Pod>("get", "pod", "kubia")).to.have.all.keys(
      "apiVersion",
      "kind",
      "metadata",
      "spec",
      "status",
    );
  });

  it("C4-61: an event is forgotten after a time that is the API server's to say", async () => {
    const api: ApiProcess = await startApiProcess(["--event-ttl=2s"]);
    try {
      const transport = await api.transport();
      const path = "/api/v1/namespaces/default/events";
      const send = senderOver(transport);
      await send("POST", path, { metadata: { name: "short" }, involvedObject: { namespace: "default" } });
      const types: string[] = [];
      for await (const { type } of watchEvents(transport, `${path}?watch=true`, AbortSignal.timeout(20_000))) {
        types.push(type);
        if (type === "DELETED") break;
      }
      expect(types).to.deep.equal(["ADDED", "DELETED"]);
      expect((await send("GET", `${path}/short`)).status).to.equal(404);
    } finally {
      await api.stop();
    }
  });

  it("C4-62, C4-63: the tables of events, narrow and wide", async () => {
    const lines = (await cluster.get("get", "events")).split("\n");
    expect(lines[0]).to.match(/^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE$/);
    expect(lines.some((line) => /^\S+ +Normal +Started +pod\/kubia +Started container main$/.test(line))).to.equal(
      true,
    );
    const wide = (await cluster.get("get", "events", "-o", "wide")).split("\n");
    expect(wide[0]).to.match(/^LAST SEEN +TYPE +REASON +OBJECT +SUBOBJECT +SOURCE +MESSAGE +FIRST SEEN +COUNT +NAME$/);
    const started =
      /^\S+ +Normal +Started +pod\/kubia +spec\.containers\{main\} +kubelet, worker-\d +Started container main +\S+ +1 +kubia\.[0-9a-f]+$/;
    expect(wide.some((line) => started.test(line))).to.equal(true);
  });

  it("C4-64: what happens again is counted in the same event", async () => {
    await cluster.kubectl(["apply", "-f", "-"], { input: podManifest("fails", "exit 1") });
    await eventually(async () => {
      const [repeated] = (await eventsOf("involvedObject.name=fails", "reason=BackOff")) as Event[];
      expect(repeated?.count).to.be.above(1);
      expect(Date.parse(repeated?.lastTimestamp ?? "")).to.be.above(Date.parse(repeated?.firstTimestamp ?? ""));
    }, 45_000);
    expect(await cluster.get("describe", "pod", "fails")).to.match(/\(x\d+ over \S+\)/);
    expect(await eventsOf("involvedObject.name=fails", "reason=BackOff")).to.have.length(1);
    await cluster.get("delete", "pod", "fails");
  });

  it("C4-65: events are selected by their fields", async () => {
    await cluster.get("create", "namespace", "quiet");
    const none = await cluster.kubectl(["get", "events", "-n", "quiet", "--field-selector", "type=Warning"]);
    expect([none.code, none.stdout, none.stderr]).to.deep.equal([0, "", "No resources found in quiet namespace.\n"]);
    await cluster.kubectl(["apply", "-n", "quiet", "-f", "-"], {
      input: podManifest("unpullable", "", { containers: [{ name: "main", image: "localhost/none-such:1" }] }),
    });
    await eventually(async () => {
      const found = await cluster.get("get", "events", "-n", "quiet", "--field-selector", "type=Warning", "-o", "name");
      expect(found).to.not.equal("");
    });
    const warnings = await cluster.json<{ items: Event[] }>(
      "get",
      "events",
      "-n",
      "quiet",
      "--field-selector",
      "type=Warning",
    );
    expect(new Set(warnings.items.map(({ type }) => type))).to.deep.equal(new Set(["Warning"]));
    const small = await cluster.kubectl(["get", "events", "-n", "quiet", "--field-selector", "type=warning"]);
    expect(small.stderr).to.equal("No resources found in quiet namespace.\n");
    const wrong = await cluster.kubectl(["get", "events", "--field-selector", "message=x"]);
    expect([wrong.code, wrong.stderr]).to.deep.equal([
      1,
      'Error from server (BadRequest): Unable to find "/v1, Resource=events" that match label selector "", field selector "message=x": field label not supported: message\n',
    ]);
    await cluster.get("delete", "namespace", "quiet", "--wait=false");
  });

  it("C4-66, C4-67: an event tells who said what about which part of which object, and is named after it and the time", async () => {
    const [started] = await eventsOf("involvedObject.name=kubia", "reason=Started");
    const pod = await cluster.json<Pod>("get", "pod", "kubia");
    expect(started).to.deep.include({
      count: 1,
      message: "Started container main",
      reportingComponent: "kubelet",
      reportingInstance: pod.spec.nodeName,
      source: { component: "kubelet", host: pod.spec.nodeName },
      type: "Normal",
    });
    expect(started?.eventTime ?? null).to.equal(null);
    const { resourceVersion, ...about } = started?.involvedObject ?? {};
    expect(resourceVersion).to.match(/^\d+$/);
    expect(about).to.deep.equal({
      apiVersion: "v1",
      fieldPath: "spec.containers{main}",
      kind: "Pod",
      name: "kubia",
      namespace: "default",
      uid: pod.metadata.uid,
    });
    const name = /^kubia\.([0-9a-f]{16})$/.exec(started?.metadata.name ?? "");
    const atMs = Number(BigInt(`0x${name?.[1] ?? "0"}`) / 1_000_000n);
    expect(atMs - Date.parse(started?.firstTimestamp ?? "")).to.be.within(-1_000, 2_000);
  });

  it("C4-68, C4-69: a node's events stand in the namespace default, under its name, and tell of its start", async () => {
    await eventually(async () => {
      const told = await eventsOf(
        "involvedObject.kind=Node",
        "involvedObject.uid=worker-1",
        "involvedObject.namespace=",
      );
      for (const { metadata, source, involvedObject } of told) {
        expect([metadata.namespace, source?.host, involvedObject?.namespace]).to.deep.equal([
          "default",
          "worker-1",
          undefined,
        ]);
      }
      expect(told.map(({ reason, message, source }) => [reason, message, source?.component])).to.deep.include.members([
        ["Starting", "Starting kubelet.", "kubelet"],
        ["NodeAllocatableEnforced", "Updated Node Allocatable limit across pods", "kubelet"],
        ["NodeHasSufficientMemory", "Node worker-1 status is now: NodeHasSufficientMemory", "kubelet"],
        ["NodeHasNoDiskPressure", "Node worker-1 status is now: NodeHasNoDiskPressure", "kubelet"],
        ["NodeHasSufficientPID", "Node worker-1 status is now: NodeHasSufficientPID", "kubelet"],
      ]);
      const proxy = told.find(({ source }) => source?.component === "kube-proxy");
      expect(proxy).to.include({ reason: "Starting", type: "Normal" });
    });
    const { metadata } = await cluster.json<Node>("get", "node", "worker-1");
    expect(metadata.uid).to.not.equal("worker-1");
    expect(await cluster.get("describe", "node", "worker-1")).to.match(
      /^ +Normal +Starting +\S+ +kubelet +Starting kubelet\.$/m,
    );
  });

  it("C4-70: describe shows the events of its object alone", async () => {
    const text = await cluster.get("describe", "pod", "kubia");
    const events = text.slice(text.indexOf("\nEvents:"));
    expect(events).to.match(/Events:\n +Type +Reason +Age +From +Message\n/);
    expect(events).to.match(
      /Normal +Scheduled +\S+ +default-scheduler +Successfully assigned default\/kubia to worker-\d/,
    );
    expect(events).to.not.contain("fails");
    await cluster.get("create", "service", "clusterip", "silent", "--tcp=80");
    expect(await cluster.get("describe", "service", "silent")).to.match(/^Events: +<none>$/m);
    await cluster.get("delete", "service", "silent");
  });

  it("C4-71: events are watched as they come", async () => {
    const watch = await startKubectl(cluster, ["get", "events", "-w"], /LAST SEEN/);
    await cluster.kubectl(["apply", "-f", "-"], { input: podManifest("live", "sleep 1000") });
    await eventually(() => expect(watch.output()).to.match(/Normal +Started +pod\/live +Started container main/));
    await end(watch.child);
    await cluster.get("delete", "pod", "live", "--wait=false");
  });
});

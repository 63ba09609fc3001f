import { homedir } from "node:os";
import { join } from "node:path";
import type { Deployment, KubeList, Node, Pod, Service } from "@tskube/api";
import { busyboxImage, dockerArchive } from "@tskube/cri/testing";
import { expect } from "chai";
import { fetchClientTools } from "../../cli/src/kubectl/find-kubectl.ts";
import { signalProcess } from "../../cli/src/system/processes.ts";
import { buildClusterImages } from "../framework/engine/cluster-images.ts";
import { ComposeCluster, type WorkerName, workerNames } from "../framework/engine/compose-cluster.ts";
import { type Engine, engineUnavailable, startEngine } from "../framework/engine/engine.ts";
import { eventually } from "../framework/engine/eventually.ts";
import { type Prober, requestTimeoutMs, startProber } from "../framework/engine/prober.ts";

/** Short enough to wait for in a test; upstream's are 50, 300, 40 and 5. */
// An outage of the control plane must fit into both, or pods leave nodes that were only unheard.
const timing = { graceSeconds: 6, tolerationSeconds: 8, leaseSeconds: 4, monitorSeconds: 1 };
const workerAddresses: Readonly<Record<WorkerName, string>> = {
  "worker-1": "172.30.40.21",
  "worker-2": "172.30.40.22",
};
const images = ["docker.io/library/kubia:1", "docker.io/library/kubia:2"] as const;
/** Answers with its host name. Asked to end, it goes on for a second: so long others may not have heard that it is leaving. */
const application =
  'mkdir -p /www; hostname > /www/index.html; httpd -f -p 8080 -h /www & trap "sleep 1; exit 0" TERM; echo serving; wait';

describe("a cluster of containers (docker compose)", function () {
  this.bail(true);
  let engine: Engine;
  let cluster: ComposeCluster;
  let nodePort = 0;
  let prober: Prober | undefined;

  before(async function () {
    const reason = engineUnavailable();
    if (reason) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "tskube");
    const { kubectl } = await fetchClientTools("35", cache, (line) => console.log(`      ${line}`));
    engine = await startEngine();
    await buildClusterImages(engine, "test");
    cluster = new ComposeCluster(engine, kubectl, {
      TSKUBE_TAG: "test",
      TSKUBE_NODE_GRACE_SECONDS: String(timing.graceSeconds),
      TSKUBE_NODE_MONITOR_SECONDS: String(timing.monitorSeconds),
      TSKUBE_TOLERATION_SECONDS: String(timing.tolerationSeconds),
      TSKUBE_LEASE_SECONDS: String(timing.leaseSeconds),
    });
  });

  after(async () => {
    await prober?.stop();
    await engine?.close();
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed" || !cluster) return;
    console.log(await describeFailure(cluster));
  });

  const pods = async () => (await cluster.get<KubeList<Pod>>("pods", "--selector=app=kubia")).items;
  const isReady = (object: Node | Pod) =>
    (object.status?.conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True");
  const readyNodes = async () => (await cluster.get<KubeList<Node>>("nodes")).items.filter(isReady).map(nameOf);
  const nameOf = ({ metadata }: Node | Pod) => metadata.name;
  const serving = async () => (await pods()).filter((pod) => isReady(pod) && !pod.metadata.deletionTimestamp);
  const ask = async (url: string) => (await engine.run(["curl", "-sS", "--max-time", "2", url])).trim();
  const address = (worker: WorkerName) => `http://${workerAddresses[worker]}:${nodePort}`;

  it("comes up with both workers Ready", async () => {
    await cluster.up();
    await eventually(60_000, async () => expect(await readyNodes()).to.have.members([...workerNames]));
  });

  it("runs a deployment and reaches it by its node port on every worker", async () => {
    await cluster.loadImage(await dockerArchive(busyboxImage(images)));
    await cluster.kubectl(["create", "deployment", "kubia", `--image=${images[0]}`, "--", "sh", "-c", application]);
    const readinessProbe = { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 };
    const template = { spec: { containers: [{ name: "kubia", readinessProbe }] } };
    await cluster.kubectl(["patch", "deployment", "kubia", "-p", JSON.stringify({ spec: { template } })]);
    await cluster.kubectl(["rollout", "status", "deployment/kubia", "--timeout=60s"], { timeoutMs: 70_000 });
    await eventually(30_000, async () => expect(await pods()).to.have.length(1));
    await cluster.kubectl(["expose", "deployment", "kubia", "--port=8080", "--type=NodePort"]);
    nodePort = (await cluster.get<Service>("service", "kubia")).spec?.ports?.[0]?.nodePort ?? 0;
    const [pod] = await serving();
    for (const worker of workerNames)
      await eventually(20_000, async () => expect(await ask(address(worker))).to.equal(pod?.metadata.name));
  });

  it("scales, and requests reach every pod, on both workers", async () => {
    await cluster.kubectl(["scale", "deployment", "kubia", "--replicas=3"]);
    await eventually(60_000, async () => expect(await serving()).to.have.length(3));
    const names = (await serving()).map(nameOf);
    await eventually(20_000, async () => {
      const answers = new Set<string>();
      for (let request = 0; request < 40; request++) answers.add(await ask(address("worker-1")));
      expect([...answers]).to.have.members(names);
    });
    expect(new Set((await serving()).map(({ spec }) => spec?.nodeName))).to.have.property("size", 2);
  });

  it("answers inside a pod by the service's cluster IP, and shows logs", async () => {
    const [pod] = await serving();
    const name = pod?.metadata.name ?? "";
    const clusterIp = (await cluster.get<Service>("service", "kubia")).spec?.clusterIP;
    const answer = await cluster.kubectl(["exec", name, "--", "wget", "-qO-", `http://${clusterIp}:8080`]);
    expect((await serving()).map(nameOf)).to.include(answer.trim());
    expect(await cluster.kubectl(["logs", name])).to.equal("serving\n");
  });

  it("replaces a deleted pod, and restarts a killed container in its place", async () => {
    const [first, second] = await serving();
    await cluster.kubectl(["delete", "pod", first?.metadata.name ?? ""]);
    await eventually(30_000, async () => expect(await serving()).to.have.length(3));
    const worker = second?.spec?.nodeName as WorkerName;
    const id = second?.status?.containerStatuses?.[0]?.containerID?.replace("containerd://", "") ?? "";
    await cluster.inWorker(worker, ["ctr", "--namespace=k8s.io", "tasks", "kill", "--signal=SIGKILL", id]);
    await eventually(30_000, async () => {
      const pod = (await serving()).find(({ metadata }) => metadata.name === second?.metadata.name);
      expect(pod?.status?.containerStatuses?.[0]?.restartCount).to.equal(1);
    });
  });

  it("rolls out another image without a failed request", async () => {
    prober = startProber(engine, address("worker-1"));
    await eventually(10_000, async () => expect(prober?.answers()).to.be.above(0));
    await cluster.kubectl(["set", "image", "deployment/kubia", `kubia=${images[1]}`]);
    await cluster.kubectl(["rollout", "status", "deployment/kubia", "--timeout=90s"], { timeoutMs: 100_000 });
    await eventually(30_000, async () => expect(await pods()).to.have.length(3));
    expect(new Set((await pods()).map(({ spec }) => spec?.containers[0]?.image))).to.deep.equal(new Set([images[1]]));
    expect(prober.failures()).to.deep.equal([]);
    await prober.stop();
  });

  it("goes on serving while each program crashes in turn, restarts no container, and does its work afterwards", async () => {
    prober = startProber(engine, address("worker-1"));
    const before = new Set((await serving()).map(nameOf));
    const settle = () => eventually(30_000, async () => expect(await readyNodes()).to.have.members([...workerNames]));
    for (const program of ["kubelet.cjs", "kube-proxy.cjs", "containerd --config"]) {
      const [pid = 0, ...others] = await cluster.programsOf("worker-1", program);
      expect(others, program).to.deep.equal([]);
      signalProcess(pid, "SIGKILL");
      await eventually(20_000, async () => expect(await cluster.programsOf("worker-1", program)).not.to.include(pid));
      await settle();
    }
    for (const service of ["scheduler", "controller-manager", "apiserver", "etcd"]) {
      const pid = await cluster.firstProcess(service);
      await cluster.crash(service);
      await eventually(20_000, async () => expect(await cluster.firstProcess(service)).not.to.be.oneOf([0, pid]));
      await settle();
    }
    await cluster.kubectl(["scale", "deployment", "kubia", "--replicas=4"]);
    await eventually(60_000, async () => expect(await serving()).to.have.length(4));
    const survivors = (await serving()).filter((pod) => before.has(nameOf(pod)));
    expect(survivors.map(({ status }) => status?.containerStatuses?.[0]?.restartCount)).to.deep.equal([0, 0, 0]);
    expect(prober.failures()).to.deep.equal([]);
    await prober.stop();
    await cluster.kubectl(["scale", "deployment", "kubia", "--replicas=3"]);
    await eventually(30_000, async () => expect(await pods()).to.have.length(3));
  });

  it("heals when a worker is killed, and requests never stop for longer than its silence takes to be noticed", async () => {
    prober = startProber(engine, address("worker-1"));
    await eventually(10_000, async () => expect(prober?.answers()).to.be.above(0));
    await cluster.kill("worker-2");
    await eventually(30_000, async () => expect(await readyNodes()).to.deep.equal(["worker-1"]));
    await eventually(60_000, async () => {
      const nodes = (await serving()).map(({ spec }) => spec?.nodeName);
      expect(nodes).to.deep.equal(["worker-1", "worker-1", "worker-1"]);
    });
    const detectionMs = (timing.graceSeconds + 2 * timing.monitorSeconds) * 1_000;
    expect(prober.longestGapMs()).to.be.below(detectionMs + requestTimeoutMs);
    console.log(`      longest time without an answer: ${Math.round(prober.longestGapMs())} ms`);
  });

  it("takes the worker back, and nothing of its former pods is left there", async () => {
    await cluster.start("worker-2");
    await eventually(60_000, async () => expect(await readyNodes()).to.have.members([...workerNames]));
    await eventually(60_000, async () => {
      expect((await pods()).map(({ spec }) => spec?.nodeName)).to.deep.equal(["worker-1", "worker-1", "worker-1"]);
      expect(
        (await cluster.inWorker("worker-2", ["ctr", "--namespace=k8s.io", "tasks", "list", "--quiet"])).trim(),
      ).to.equal("");
    });
    await cluster.kubectl(["scale", "deployment", "kubia", "--replicas=6"]);
    await eventually(60_000, async () => {
      expect((await serving()).filter(({ spec }) => spec?.nodeName === "worker-2")).to.have.length.above(0);
      expect((await cluster.get<Deployment>("deployment", "kubia")).status?.readyReplicas).to.equal(6);
    });
  });

  it("keeps its objects when its containers are stopped and started", async () => {
    await prober?.stop();
    prober = undefined;
    await cluster.compose(["stop", "--timeout=20"], 120_000);
    await cluster.up();
    await eventually(60_000, async () => {
      expect(await readyNodes()).to.have.members([...workerNames]);
      expect(await serving()).to.have.length(6);
      expect((await serving()).map(nameOf)).to.include(await ask(address("worker-2")));
    });
  });

  it("leaves nothing when it is taken down", async () => {
    await cluster.down();
    expect(await cluster.leftovers()).to.deep.equal([]);
  });
});

/** What one would look at first. */
async function describeFailure(cluster: ComposeCluster): Promise<string> {
  const looks = [
    cluster.compose(["ps"]),
    cluster.kubectl(["get", "nodes,pods,deployments,endpointslices", "-o", "wide"]),
    cluster.kubectl(["get", "events", "--sort-by=.lastTimestamp"]),
    cluster.compose(["logs", "--no-color", "--tail=15"]),
  ];
  return (await Promise.all(looks.map((look) => look.catch(String)))).join("\n");
}

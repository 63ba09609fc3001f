import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Event, Node, Pod, Service } from "@tskube/api";
import { expect } from "chai";
import { TestCluster } from "../framework/cluster.ts";
import { command, output } from "../framework/command.ts";
import { demoImage, writeDemoImage } from "../framework/demo-image.ts";
import { eventually } from "../framework/eventually.ts";
import { ask, startTraffic } from "../framework/traffic.ts";

const setUps = [
  {
    title: "embedded store and process runtime",
    name: "e2e-process",
    subnet: "172.30.61.0/24",
    flags: ["--store", "embedded", "--runtime", "process"],
  },
  {
    title: "etcd and containerd",
    name: "e2e-containerd",
    subnet: "172.30.62.0/24",
    flags: ["--store", "etcd", "--runtime", "containerd"],
  },
] as const;

/** The shortened times of --quick-failover: silence of a node until it is NotReady, and until its pods move. */
const graceSeconds = 4;
const tolerationSeconds = 3;

const isRoot = process.platform === "linux" && process.getuid?.() === 0;

for (const { title, name, subnet, flags } of setUps) {
  describe(`the main job on ${title}`, function () {
    this.timeout(120_000);
    this.bail(true); // each step stands on the one before
    let cluster: TestCluster;
    let nodePort: number;

    before(async function () {
      if (!isRoot) this.skip(); // nodes are network namespaces, which need root on Linux
      this.timeout(240_000);
      cluster = await TestCluster.create({ name, subnet, flags: [...flags, "--quick-failover"] });
      await cluster.up();
      for (const version of ["1", "2"]) {
        const archive = join(cluster.folder, `kubia-${version}.tar`);
        await writeDemoImage(archive, version);
        const loaded = await cluster.tskube(["image", "load", archive]);
        expect(loaded.stdout, loaded.stderr).to.contain(demoImage(version));
      }
    });

    afterEach(function () {
      if (this.currentTest?.state !== "failed") return;
      console.error(cluster.logs(8));
      return cluster.kubectl(["get", "pods", "-o", "yaml"]).then(({ stdout }) => console.error(stdout));
    });

    after(async function () {
      this.timeout(120_000);
      await cluster?.down();
    });

    const pods = async (): Promise<Pod[]> =>
      (await cluster.json<{ items: Pod[] }>("get", "pods", "-l", "app=kubia")).items;
    const runningPods = async () =>
      (await pods()).filter(({ metadata, status }) => !metadata.deletionTimestamp && isReady(status?.conditions));
    const isReady = (conditions: readonly { type: string; status: string }[] | undefined) =>
      conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
    const nodeUrls = () => [0, 1, 2].map((index) => `http://${cluster.address(index)}:${nodePort}/`);
    const awaitRunning = (count: number, timeoutMs = 60_000) =>
      eventually(async () => {
        const running = await runningPods();
        expect(running).to.have.length(count);
        return running;
      }, timeoutMs);

    it("has three Ready nodes and says that it runs when started again", async () => {
      const nodes = (await cluster.json<{ items: Node[] }>("get", "nodes")).items;
      expect(nodes.map(({ metadata }) => metadata.name)).to.deep.equal(["control-plane", "worker-1", "worker-2"]);
      expect(nodes.every(({ status }) => isReady(status?.conditions))).to.equal(true);
      const before = await cluster.overview();
      const again = await cluster.up();
      expect(again.stdout).to.contain("is running");
      expect((await cluster.overview()).programs.map(({ pid }) => pid)).to.deep.equal(
        before.programs.map(({ pid }) => pid),
      );
    });

    it("finishes what an interrupted start left undone", async () => {
      await output(cluster.kubectlCommand(["config", "delete-context", name]), {
        env: { KUBECONFIG: cluster.kubeconfig },
      });
      expect((await cluster.up()).stdout).to.contain("is ready");
      expect(await cluster.get("config", "current-context")).to.equal(name);
    });

    it("creates a deployment and shows it", async () => {
      expect(await cluster.get("create", "deployment", "kubia", `--image=${demoImage("1")}`, "--port=8080")).to.equal(
        "deployment.apps/kubia created",
      );
      await awaitRunning(1);
      const wide = await eventually(async () => {
        const shown = await cluster.get("get", "deploy,rs,po", "-o", "wide");
        expect(shown).to.match(/deployment\.apps\/kubia\s+1\/1\s+1\s+1/);
        return shown;
      }, 10_000);
      expect(wide).to.match(/NAME\s+READY\s+UP-TO-DATE\s+AVAILABLE\s+AGE\s+CONTAINERS\s+IMAGES\s+SELECTOR/);
      expect(wide).to.match(/replicaset\.apps\/kubia-[a-z0-9]+\s+1\s+1\s+1/);
      expect(wide).to.match(
        /pod\/kubia-[a-z0-9]+-[a-z0-9]{5}\s+1\/1\s+Running\s+0\s+\S+\s+10\.244\.\d+\.\d+\s+worker-\d/,
      );
    });

    it("asks the application whether it is ready, before it gets requests", async () => {
      const readinessProbe = { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 };
      const template = { spec: { containers: [{ name: "kubia", readinessProbe }] } };
      expect(await cluster.get("patch", "deployment", "kubia", "-p", JSON.stringify({ spec: { template } }))).to.equal(
        "deployment.apps/kubia patched",
      );
      expect(await cluster.get("rollout", "status", "deployment/kubia", "--timeout=30s")).to.contain("rolled out");
      await eventually(async () => expect(await pods()).to.have.length(1), 30_000);
    });

    it("exposes it, and the cluster IP from a pod and the node port on every node reach it", async () => {
      expect(await cluster.get("expose", "deployment", "kubia", "--port", "8080", "--type", "NodePort")).to.equal(
        "service/kubia exposed",
      );
      const service = await cluster.json<Service>("get", "service", "kubia");
      nodePort = service.spec.ports?.[0]?.nodePort ?? 0;
      expect(nodePort).to.be.within(30_000, 32_767);
      const [pod] = await runningPods();
      const podName = pod?.metadata.name ?? "";
      await eventually(async () => expect(await ask(nodeUrls()[0] ?? "")).to.equal(`kubia 1 ${podName}`), 10_000);
      for (const url of nodeUrls()) expect(await ask(url)).to.equal(`kubia 1 ${podName}`);
      const fromPod = await cluster.get(
        "exec",
        podName,
        "--",
        "wget",
        "-qO-",
        `http://${service.spec.clusterIP}:8080/`,
      );
      expect(fromPod).to.equal(`kubia 1 ${podName}`);
    });

    it("scales to three, and a hundred requests reach all of them", async () => {
      expect(await cluster.get("scale", "deployment", "kubia", "--replicas=3")).to.equal(
        "deployment.apps/kubia scaled",
      );
      const names = (await awaitRunning(3)).map(({ metadata }) => `kubia 1 ${metadata.name}`).sort();
      await eventually(async () => {
        const seen = new Set<string>();
        for (let count = 0; count < 100; count++) seen.add(await ask(nodeUrls()[count % 3] ?? ""));
        expect([...seen].sort()).to.deep.equal(names);
      }, 15_000);
    });

    it("shows logs, once and followed", async () => {
      const [pod] = await runningPods();
      const podName = pod?.metadata.name ?? "";
      expect(await cluster.get("logs", podName)).to.match(/^kubia 1 is starting/);
      const following = cluster.kubectl(["logs", "-f", "--tail=1", podName], { timeoutMs: 4_000 });
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await cluster.get("exec", podName, "--", "wget", "-qO-", "http://127.0.0.1:8080/");
      expect((await following).stdout).to.match(/127\.0\.0\.1.*response:200/s);
    });

    it("runs commands in a pod, with exit codes, input and a terminal", async () => {
      const [pod] = await runningPods();
      const podName = pod?.metadata.name ?? "";
      expect(await cluster.get("exec", podName, "--", "hostname")).to.equal(podName);
      const failing = await cluster.kubectl(["exec", podName, "--", "sh", "-c", "echo to-stderr >&2; exit 7"]);
      expect(failing.code).to.equal(7);
      expect(failing.stderr).to.contain("to-stderr");
      const piped = await cluster.kubectl(["exec", "-i", podName, "--", "wc", "-c"], { input: "x".repeat(100_000) });
      expect(piped.stdout.trim()).to.equal("100000");
      const terminal = await command(
        [
          "script",
          "-qec",
          cluster
            .kubectlCommand(["exec", "-it", podName, "--", "sh", "-c", "test -t 0 && stty size && echo on-a-terminal"])
            .join('" "')
            .replace(/^/, '"')
            .concat('"'),
          "/dev/null",
        ],
        {
          env: { KUBECONFIG: cluster.kubeconfig },
          timeoutMs: 20_000,
        },
      );
      expect(terminal.stdout).to.contain("on-a-terminal");
    });

    it("runs commands over SPDY, as older clients do, and forwards ports", async () => {
      const [pod] = await runningPods();
      const podName = pod?.metadata.name ?? "";
      const env = { KUBECONFIG: cluster.kubeconfig, KUBECTL_REMOTE_COMMAND_WEBSOCKETS: "false" };
      expect((await output(cluster.kubectlCommand(["exec", podName, "--", "hostname"]), { env })).trim()).to.equal(
        podName,
      );
      const forwarding = command(cluster.kubectlCommand(["port-forward", podName, "18731:8080"]), {
        env: { KUBECONFIG: cluster.kubeconfig },
        timeoutMs: 6_000,
      });
      await eventually(async () => expect(await ask("http://127.0.0.1:18731/")).to.equal(`kubia 1 ${podName}`), 5_000);
      expect(await ask("http://127.0.0.1:18731/")).to.equal(`kubia 1 ${podName}`);
      expect((await forwarding).stdout).to.contain("Handling connection for 18731");
    });

    it("describes pods and lists events", async () => {
      const [pod] = await runningPods();
      const described = await cluster.get("describe", "pod", pod?.metadata.name ?? "");
      expect(described).to.match(/Successfully assigned default\/kubia-\S+ to worker-\d/);
      expect(described).to.match(/Started\s+\S+\s+kubelet\s+.*Started container|Container started|Started container/);
      const events = (await cluster.json<{ items: Event[] }>("get", "events")).items.map(({ reason }) => reason);
      expect(events).to.include.members([
        "ScalingReplicaSet",
        "SuccessfulCreate",
        "Scheduled",
        "Pulled",
        "Created",
        "Started",
      ]);
      expect(await cluster.get("get", "events")).to.match(/LAST SEEN\s+TYPE\s+REASON\s+OBJECT\s+MESSAGE/);
    });

    it("replaces a pod that is deleted", async () => {
      const [pod] = await runningPods();
      const podName = pod?.metadata.name ?? "";
      expect(await cluster.get("delete", "pod", podName)).to.equal(`pod "${podName}" deleted from default namespace`);
      const names = (await awaitRunning(3)).map(({ metadata }) => metadata.name);
      expect(names).to.not.include(podName);
    });

    it("restarts an application in place that is killed", async () => {
      const [pod] = await runningPods();
      const podName = pod?.metadata.name ?? "";
      await cluster.get("exec", podName, "--", "sh", "-c", "kill -9 $(pidof httpd)");
      await eventually(async () => {
        const after = await cluster.json<Pod>("get", "pod", podName);
        expect(after.status?.containerStatuses?.[0]).to.deep.include({ restartCount: 1, ready: true });
        expect(after.status?.podIP).to.equal(pod?.status?.podIP);
        expect(after.spec.nodeName).to.equal(pod?.spec.nodeName);
      }, 40_000);
      await awaitRunning(3);
    });

    it("rolls out a new image without a failed request", async () => {
      const traffic = startTraffic(nodeUrls(), { everyMs: 20, maxMs: 90_000 });
      await cluster.get("set", "image", "deployment/kubia", `kubia=${demoImage("2")}`);
      expect(await cluster.get("rollout", "status", "deployment/kubia", "--timeout=80s")).to.contain(
        "successfully rolled out",
      );
      await eventually(async () => expect(await pods()).to.have.length(3), 60_000);
      const report = await traffic.stop();
      console.log(`      rollout: ${report.answered} requests, longest gap ${report.longestGapMs} ms`);
      expect(report.failures).to.deep.equal([]);
      expect(await ask(nodeUrls()[0] ?? "")).to.match(/^kubia 2 /);
      expect(await cluster.get("rollout", "history", "deployment/kubia")).to.match(/REVISION.*\n1\s.*\n2\s.*\n3\s/);
    });

    it("applies, edits and deletes manifests", async () => {
      const file = join(cluster.folder, "config.yaml");
      const manifest = (value: string) =>
        `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  colour: ${value}\n`;
      writeFileSync(file, manifest("red"));
      expect(await cluster.get("apply", "-f", file)).to.equal("configmap/settings created");
      expect(await cluster.get("apply", "-f", file)).to.equal("configmap/settings unchanged");
      writeFileSync(file, manifest("green"));
      expect(await cluster.get("apply", "-f", file)).to.equal("configmap/settings configured");
      const edited = await command(cluster.kubectlCommand(["edit", "configmap", "settings"]), {
        env: { KUBECONFIG: cluster.kubeconfig, EDITOR: "sed -i s/green/blue/" },
      });
      expect(edited.stdout.trim(), edited.stderr).to.equal("configmap/settings edited");
      expect(await cluster.get("get", "configmap", "settings", "-o", "jsonpath={.data.colour}")).to.equal("blue");
      expect(await cluster.get("delete", "-f", file)).to.equal('configmap "settings" deleted from default namespace');
      expect((await cluster.kubectl(["get", "configmap", "settings"])).stderr).to.contain(
        'configmaps "settings" not found',
      );
    });

    for (const [program, settleMs] of [
      ["apiserver", 3_000],
      ["scheduler", 1_000],
      ["controller-manager", 1_000],
      ["kubelet-worker-1", 3_000],
      ["kube-proxy-worker-1", 1_000],
      ["runtime-worker-1", 4_000],
    ] as const) {
      it(`goes on when ${program} is killed: traffic flows, it comes back, nothing is lost or doubled`, async () => {
        const before = (await awaitRunning(3))
          .map(({ metadata, status }) => [metadata.uid, status?.containerStatuses?.[0]?.restartCount])
          .sort();
        const pid = await cluster.pidOf(program);
        const traffic = startTraffic(nodeUrls(), { everyMs: 25, maxMs: 60_000 });
        process.kill(pid, "SIGKILL");
        await eventually(async () => {
          const state = (await cluster.overview()).programs.find((one) => one.name === program);
          expect(state).to.include({ phase: "ready" });
          expect(state?.pid).to.not.equal(pid);
        }, 30_000);
        await new Promise((resolve) => setTimeout(resolve, settleMs));
        await cluster.get("scale", "deployment", "kubia", "--replicas=4");
        await awaitRunning(4);
        await cluster.get("scale", "deployment", "kubia", "--replicas=3");
        const after = await eventually(async () => {
          const now = await pods();
          expect(now).to.have.length(3);
          return now;
        });
        const report = await traffic.stop();
        expect(report.failures).to.deep.equal([]);
        const kept = after.map(({ metadata, status }) => [metadata.uid, status?.containerStatuses?.[0]?.restartCount]);
        expect(
          kept.filter(([uid, restarts]) =>
            before.some(([oldUid, oldRestarts]) => oldUid === uid && oldRestarts === restarts),
          ).length,
        ).to.be.at.least(2);
      });
    }

    it("goes on when the supervisor is killed, and the next up takes over without touching containers", async () => {
      const before = (await awaitRunning(3))
        .map(({ metadata, status }) => [metadata.uid, status?.containerStatuses?.[0]?.containerID])
        .sort();
      const traffic = startTraffic(nodeUrls(), { everyMs: 25, maxMs: 60_000 });
      process.kill((await cluster.overview()).supervisorPid ?? 0, "SIGKILL");
      await eventually(async () => expect((await cluster.overview()).isRunning).to.equal(false), 10_000);
      await cluster.up();
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      const report = await traffic.stop();
      expect(report.failures).to.deep.equal([]);
      const after = (await awaitRunning(3))
        .map(({ metadata, status }) => [metadata.uid, status?.containerStatuses?.[0]?.containerID])
        .sort();
      expect(after).to.deep.equal(before);
    });

    it("heals when a node is killed", async function () {
      this.timeout(180_000);
      const victims = (await awaitRunning(3)).filter(({ spec }) => spec.nodeName === "worker-2");
      expect(victims.length, "pods on worker-2").to.be.greaterThan(0);
      const traffic = startTraffic(nodeUrls().slice(0, 2), { everyMs: 25, maxMs: 120_000 });
      const killedMs = performance.now();
      expect((await cluster.tskube(["node", "kill", "worker-2"])).stdout).to.contain("is off");
      await eventually(
        async () => expect(await cluster.get("get", "node", "worker-2")).to.match(/worker-2\s+NotReady/),
        30_000,
      );
      const notReadyMs = performance.now() - killedMs;
      await eventually(async () => {
        const slices = await cluster.get(
          "get",
          "endpointslices",
          "-l",
          "kubernetes.io/service-name=kubia",
          "-o",
          'jsonpath={range .items[*].endpoints[?(@.conditions.ready==true)]}{.nodeName}{"\\n"}{end}',
        );
        expect(slices.split("\n").filter((node) => node === "worker-2")).to.deep.equal([]);
      }, 10_000);
      const replacements = await eventually(async () => {
        const healthy = (await runningPods()).filter(({ spec }) => spec.nodeName !== "worker-2");
        expect(healthy).to.have.length(3);
        return healthy;
      }, 60_000);
      const healedMs = performance.now() - killedMs;
      expect(replacements.every(({ spec }) => spec.nodeName === "worker-1")).to.equal(true);
      const report = await traffic.stop();
      console.log(
        `      node kill: NotReady after ${Math.round(notReadyMs)} ms, healed after ${Math.round(healedMs)} ms, longest gap ${report.longestGapMs} ms, ${report.failures.length} of ${report.answered + report.failures.length} requests failed`,
      );
      expect(report.longestGapMs).to.be.lessThan((graceSeconds + 2) * 1_000);
      expect(healedMs).to.be.lessThan((graceSeconds + tolerationSeconds + 25) * 1_000);
    });

    it("takes the node back, and its stale containers are gone", async function () {
      this.timeout(120_000);
      expect((await cluster.tskube(["node", "start", "worker-2"])).code).to.equal(0);
      await eventually(async () => {
        const all = await pods();
        expect(all).to.have.length(3);
        expect(all.filter(({ metadata }) => metadata.deletionTimestamp)).to.deep.equal([]);
      }, 60_000);
      expect(await cluster.get("get", "node", "worker-2")).to.match(/worker-2\s+Ready/);
      await cluster.get("scale", "deployment", "kubia", "--replicas=6");
      const onNode = (await awaitRunning(6)).filter(({ spec }) => spec.nodeName === "worker-2");
      expect(onNode.length).to.be.greaterThan(0);
      for (const url of nodeUrls()) expect(await ask(url)).to.match(/^kubia 2 /);
    });

    it("brings everything back after it was stopped", async function () {
      this.timeout(180_000);
      expect((await cluster.tskube(["down"])).code).to.equal(0);
      expect(
        (await output(["ip", "netns", "list"])).split("\n").filter((line) => line.startsWith(`tskube-${name}-`)),
      ).to.deep.equal([]);
      expect(await traces(cluster.folder)).to.deep.equal([]);
      await cluster.up();
      await awaitRunning(6, 90_000);
      await eventually(async () => {
        for (const url of nodeUrls()) expect(await ask(url)).to.match(/^kubia 2 /);
      }, 20_000);
    });

    it("leaves nothing behind, also when its supervisor was killed", async () => {
      const status = await cluster.overview();
      expect(status.isRunning).to.equal(true);
      process.kill(status.supervisorPid ?? 0, "SIGKILL");
      expect((await cluster.tskube(["down"])).code).to.equal(0);
      expect(await traces(cluster.folder)).to.deep.equal([]);
      const namespaces = (await output(["ip", "netns", "list"])).split("\n");
      expect(namespaces.filter((line) => line.startsWith(`tskube-${name}-`))).to.deep.equal([]);
      expect(readdirSync("/dev/shm").filter((entry) => entry.startsWith(`tskube-${name}-`))).to.deep.equal([]);
      expect(existsSync(`/sys/fs/cgroup/pids/tskube-${name}`) || existsSync(`/sys/fs/cgroup/tskube-${name}`)).to.equal(
        false,
      );
    });
  });
}

/** Processes and mounts that have to do with a folder. */
async function traces(folder: string): Promise<string[]> {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(folder));
  const processes = (
    await command(["sh", "-c", `grep -lsa "${folder}" /proc/[0-9]*/cmdline /proc/[0-9]*/environ || true`])
  ).stdout
    .split("\n")
    .filter(Boolean);
  const own = `/proc/${process.pid}/`;
  return [...mounts, ...processes.filter((path) => !path.startsWith(own) && existsSync(path))];
}

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pod } from "@tskube/api";
import { silentLogger, systemClock } from "@tskube/base";
import { kinds, startEventRecorder } from "@tskube/client";
import { FakeApi } from "@tskube/client/testing";
import { type CriClient, createCriClient } from "@tskube/cri";
import { expect } from "chai";
import { type KubeletConfig, options } from "../../../services/kubelet/src/config.ts";
import { type Kubelet, startKubelet } from "../../../services/kubelet/src/kubelet.ts";
import { readMachine } from "../../../services/kubelet/src/node/machine.ts";
import { systemMounter } from "../../../services/kubelet/src/volumes/mounter.ts";
import { type Containerd, canRunContainerd, cgroupRoot, image, startContainerd } from "./containerd.ts";

const nodeName = "n1";

describe("kubelet on containerd", () => {
  let containerd: Containerd;
  let cri: CriClient;
  let dir: string;
  const api = new FakeApi({ clock: systemClock });
  const client = api.client();
  let running: { kubelet: Kubelet; stop: () => Promise<void> };

  before(async function () {
    if (!canRunContainerd()) return this.skip();
    this.timeout(60_000);
    containerd = await startContainerd();
    cri = createCriClient(containerd.socket);
    dir = mkdtempSync(join(tmpdir(), "tskube-kubelet-"));
    running = await start();
  });

  after(async function () {
    this.timeout(60_000);
    if (!containerd) return;
    for (const pod of api.list(kinds.Pod))
      await client.pods("default").delete(pod.metadata.name ?? "", { gracePeriodSeconds: 1 });
    await until("all pods are gone", () => api.list(kinds.Pod).length === 0);
    await running.stop();
    cri.close();
    await containerd.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it("runs a pod with its volumes and environment, and shows its output", async function () {
    this.timeout(30_000);
    await client.configmaps("default").create({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "settings", namespace: "default" },
      data: { greeting: "hello" },
    });
    await client.pods("default").create(
      aPod("web", {
        containers: [
          {
            name: "main",
            image,
            imagePullPolicy: "IfNotPresent",
            command: [
              "sh",
              "-c",
              'cat /settings/greeting; echo " $NAME"; echo done > /dev/termination-log; touch /scratch/ready; exec sleep 3600',
            ],
            env: [{ name: "NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
            readinessProbe: { exec: { command: ["test", "-e", "/scratch/ready"] }, periodSeconds: 1 },
            terminationMessagePath: "/dev/termination-log",
            volumeMounts: [
              { name: "settings", mountPath: "/settings" },
              { name: "scratch", mountPath: "/scratch", subPath: "part" },
            ],
          },
        ],
        volumes: [
          { name: "settings", configMap: { name: "settings" } },
          { name: "scratch", emptyDir: { medium: "Memory" } },
        ],
      }),
    );
    await until("the pod is ready", () => isReady("web"));
    const status = pod("web")?.status;
    expect(status?.podIP).to.match(/^10\.244\.9\./);
    expect(status?.containerStatuses?.[0]?.containerID).to.match(/^containerd:\/\/[0-9a-f]{64}$/);
    const id = status?.containerStatuses?.[0]?.containerID?.split("//")[1] ?? "";
    const hosts = await cri.runtime.execSync(id, ["cat", "/etc/hosts"], 5);
    expect(hosts.stdout.toString()).to.include(`${status?.podIP}\tweb`);
    const log = running.kubelet.view.get(pod("web")?.metadata.uid ?? "")?.containers[0]?.logPath ?? "";
    expect(existsSync(log)).to.equal(true);
  });

  it("restarts a killed container in place", async function () {
    this.timeout(30_000);
    const id = pod("web")?.status?.containerStatuses?.[0]?.containerID?.split("//")[1] ?? "";
    await cri.runtime.stopContainer(id, 0);
    await until(
      "it runs again",
      () => pod("web")?.status?.containerStatuses?.[0]?.restartCount === 1 && isReady("web"),
    );
    expect(pod("web")?.status?.containerStatuses?.[0]?.lastState?.terminated).to.deep.include({
      exitCode: 137,
      message: "done\n",
    });
  });

  it("adopts what runs when the kubelet is restarted", async function () {
    this.timeout(30_000);
    const before = pod("web")?.status?.containerStatuses?.[0];
    await running.stop();
    running = await start();
    await client.pods("default").create(aPod("second"));
    await until("another pod runs", () => isReady("second"));
    expect(pod("web")?.status?.containerStatuses?.[0]?.containerID).to.equal(before?.containerID);
    expect(pod("web")?.status?.containerStatuses?.[0]?.restartCount).to.equal(1);
  });

  it("leaves nothing of a deleted pod", async function () {
    this.timeout(30_000);
    await client.pods("default").delete("web", { gracePeriodSeconds: 1 });
    const startedAt = Date.now();
    await until("the pod is gone", () => pod("web") === undefined);
    expect(Date.now() - startedAt).to.be.lessThan(15_000);
    expect((await cri.runtime.listPodSandbox()).map(({ metadata }) => metadata?.name)).to.deep.equal(["second"]);
  });

  async function start(): Promise<{ kubelet: Kubelet; stop: () => Promise<void> }> {
    const stop = new AbortController();
    const events = startEventRecorder({
      client,
      source: { component: "kubelet", host: nodeName },
      clock: systemClock,
      logger: silentLogger,
    });
    const defaults = Object.fromEntries(
      Object.entries(options).map(([name, option]) => [name, option.default]),
    ) as KubeletConfig;
    const kubelet = await startKubelet(
      {
        ...defaults,
        rootDir: join(dir, "kubelet"),
        podLogsDir: join(dir, "logs"),
        nodeIp: ["192.0.2.1"],
        cgroupRoot,
      },
      {
        client,
        runtime: cri.runtime,
        images: cri.images,
        events,
        mounter: systemMounter,
        machine: await readMachine(),
        nodeName,
        clock: systemClock,
        logger: silentLogger,
      },
      stop.signal,
    );
    return {
      kubelet,
      async stop() {
        stop.abort();
        await kubelet.done;
        events.close();
      },
    };
  }

  function pod(name: string): Pod | undefined {
    return api.get(kinds.Pod, `default/${name}`);
  }

  function isReady(name: string): boolean {
    return pod(name)?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
  }

  async function until(what: string, condition: () => unknown): Promise<void> {
    for (const deadline = Date.now() + 25_000; !condition(); ) {
      if (Date.now() > deadline) {
        const events = api.list(kinds.Event).map(({ reason, message }) => `${reason}: ${message}`);
        throw new Error(
          `timed out: ${what}; events: ${events.join(" | ")}; pods: ${JSON.stringify(api.list(kinds.Pod).map(({ status }) => status))}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});

function aPod(name: string, spec: Partial<Pod["spec"]> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: {
      nodeName,
      restartPolicy: "Always",
      containers: [{ name: "main", image, imagePullPolicy: "IfNotPresent", command: ["sleep", "3600"] }],
      ...spec,
    },
  };
}

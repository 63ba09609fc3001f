import type { PersistentVolumeClaim, PodTemplateSpec } from "@tskube/api";
import { createMetrics, silentLogger, systemClock } from "@tskube/base";
import type { Client } from "@tskube/client";
import { expect } from "chai";
import type { Config } from "../../../services/controller-manager/src/config.ts";
import { controllerEntries } from "../../../services/controller-manager/src/controllers/index.ts";
import { serviceAccountTokens } from "../../../services/controller-manager/src/credentials/token-source.ts";
import { options } from "../../../services/controller-manager/src/index.ts";
import { runControllers } from "../../../services/controller-manager/src/run-controllers.ts";
import { eventually } from "../../framework/eventually.ts";
import { TestCluster } from "../security/test-cluster.ts";

/** What the command line comes to when it says nothing but what a cluster needs. */
function configuration(): Config {
  const defaults = Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default]));
  return {
    ...defaults,
    allocateNodeCidrs: true,
    clusterCidr: "10.244.0.0/16",
    nodeMonitorGracePeriod: 2_000,
  } as Config;
}

describe("the controllers with an apiserver as a process, each with the rights of its service account", function () {
  this.timeout(60_000);
  const stop = new AbortController();
  let cluster: TestCluster;
  let admin: Client;
  let running: Promise<void>;

  before(async () => {
    cluster = await TestCluster.start();
    admin = await cluster.as("CN=admin, O=system:masters");
    const own = await cluster.as("CN=system:kube-controller-manager");
    const accounts = new Map<string, Client>();
    for (const { serviceAccount: name } of controllerEntries) {
      const token = await serviceAccountTokens("kube-system", name, { client: own, clock: systemClock })();
      accounts.set(name, cluster.withToken(token));
    }
    const deps = { clock: systemClock, logger: silentLogger, metrics: createMetrics({ processFigures: false }) };
    running = runControllers(configuration(), deps, { own, as: (name) => accounts.get(name) ?? own }, stop.signal);
    await eventually(() => admin.serviceaccounts("default").get("default"));
  });

  after(async () => {
    stop.abort();
    await running;
    await cluster.stop();
  });

  const podCount = async () => (await admin.pods("default").list()).items.length;

  const aSpec = (app: string) => ({
    selector: { matchLabels: { app } },
    template: { metadata: { labels: { app } }, spec: { containers: [{ name: "c", image: "app:1" }] } },
  });

  /** What a kubelet would report of a pod. */
  const asKubelet = (name: string, phase: string) =>
    admin.pods("default").patchStatus(name, {
      status: { phase, conditions: [{ type: "Ready", status: phase === "Running" ? "True" : "False" }] },
    });

  it("make pods of a deployment, follow its size, and clear up after it", async () => {
    const labels = { app: "web" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "app:1" }] } };
    await admin.deployments("default").create({
      metadata: { name: "web" },
      spec: { replicas: 3, selector: { matchLabels: labels }, template },
    });
    await eventually(async () => expect(await podCount()).to.equal(3));
    await admin.deployments("default").patch("web", { spec: { replicas: 1 } });
    await eventually(async () => expect(await podCount()).to.equal(1));
    await admin.deployments("default").delete("web", { propagationPolicy: "Background" });
    await eventually(async () => expect(await podCount()).to.equal(0));
    const reasons = (await admin.events("default").list()).items.map(({ reason }) => reason);
    expect(reasons).to.include.members(["ScalingReplicaSet", "SuccessfulCreate", "SuccessfulDelete"]);
  });

  it("give nodes addresses and taint the one that falls silent", async () => {
    const status = {
      conditions: [{ type: "Ready", status: "True", lastHeartbeatTime: `${new Date().toISOString().slice(0, 19)}Z` }],
    };
    await admin.nodes().create({ metadata: { name: "n1" }, spec: {}, status });
    await eventually(async () => expect((await admin.nodes().get("n1")).spec?.podCIDR).to.equal("10.244.0.0/24"));
    await eventually(async () => {
      const taints = (await admin.nodes().get("n1")).spec?.taints?.map(({ key, effect }) => `${key}:${effect}`);
      expect(taints).to.include("node.kubernetes.io/unreachable:NoSchedule");
    });
  });

  it("run a daemon on a new node, whatever is wrong with it", async () => {
    await admin.daemonsets("default").create({ metadata: { name: "agent" }, spec: aSpec("agent") });
    const taint = { key: "node.kubernetes.io/memory-pressure", effect: "NoSchedule" };
    await admin.nodes().create({ metadata: { name: "n2" }, spec: { taints: [taint] } });
    await eventually(async () => {
      const { items } = await admin.pods("default").list({ labelSelector: "app=agent" });
      expect(items).to.have.length(1);
    });
    await admin.daemonsets("default").delete("agent");
  });

  it("start the members of a stateful set one after another, each with its claim", async () => {
    const claim = {
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    } as unknown as PersistentVolumeClaim;
    await admin.statefulsets("default").create({
      metadata: { name: "db" },
      spec: { ...aSpec("db"), replicas: 2, serviceName: "db", volumeClaimTemplates: [claim] },
    });
    for (const name of ["db-0", "db-1"]) {
      await eventually(() => admin.pods("default").get(name));
      await asKubelet(name, "Running");
    }
    await eventually(async () => {
      const { status } = await admin.statefulsets("default").get("db");
      expect(status).to.include({ readyReplicas: 2, availableReplicas: 2 });
    });
    const claims = (await admin.persistentvolumeclaims("default").list()).items;
    expect(claims.map(({ metadata }) => metadata.name)).to.deep.equal(["data-db-0", "data-db-1"]);
    await admin.statefulsets("default").delete("db");
  });

  it("run a job to its end, count its pods and delete it after its time", async () => {
    const { template } = aSpec("work");
    await admin.jobs("default").create({
      metadata: { name: "work" },
      spec: {
        completions: 2,
        parallelism: 2,
        completionMode: "Indexed",
        ttlSecondsAfterFinished: 1,
        template: { ...template, metadata: {}, spec: { ...template.spec, restartPolicy: "Never" } } as PodTemplateSpec,
      },
    });
    const ofJob = async () => (await admin.pods("default").list({ labelSelector: "job-name=work" })).items;
    await eventually(async () => expect(await ofJob()).to.have.length(2));
    for (const { metadata } of await ofJob()) await asKubelet(metadata.name, "Succeeded");
    await eventually(async () => {
      const reasons = (await admin.events("default").list()).items.map(({ reason }) => reason);
      expect(reasons).to.include("Completed");
    });
    await eventually(async () => {
      expect((await admin.jobs("default").list()).items).to.have.length(0);
      expect(await ofJob()).to.have.length(0);
    });
  });

  it("empty a namespace that is deleted", async () => {
    await admin.namespaces().create({ metadata: { name: "short" } });
    await eventually(() => admin.configmaps("short").create({ metadata: { name: "c" }, data: { a: "b" } }));
    await admin.namespaces().delete("short");
    await eventually(async () => {
      const names = (await admin.namespaces().list()).items.map(({ metadata }) => metadata.name);
      expect(names).not.to.include("short");
    });
  });
});

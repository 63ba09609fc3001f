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

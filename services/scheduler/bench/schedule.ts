/**
 * Pure scheduling: how much CPU a pod costs from the queue to its node, without a server.
 * `npx tsx services/scheduler/bench/schedule.ts [nodes=1000] [pods=3000] [plain|spread|anti-affinity]`
 */
import type { Pod } from "@tskube/api";
import { createMetrics, silentLogger, systemClock } from "@tskube/base";
import { createInformers, silentRecorder } from "@tskube/client";
import { FakeApi } from "@tskube/client/testing";
import { SchedulerCache } from "../src/cache/scheduler-cache.ts";
import { createProfile } from "../src/config/create-profile.ts";
import { CycleState } from "../src/framework/cycle-state.ts";
import { placedOn, podInfoOf } from "../src/framework/pod-info.ts";
import { WaitingPods } from "../src/framework/waiting-pods.ts";
import { createSchedulerMetrics } from "../src/metrics.ts";
import { defaultPlugins, plugins } from "../src/plugins/index.ts";
import { Nominator } from "../src/queue/nominator.ts";
import { NodeFinder } from "../src/scheduling/find-node.ts";
import { makeNode, makePod } from "../src/testing/index.ts";

const [nodes = "1000", pods = "3000", kind = "plain"] = process.argv.slice(2);
const labels = { app: "web" };
const labelSelector = { matchLabels: labels };

const specs: Readonly<Record<string, Partial<NonNullable<Pod["spec"]>>>> = {
  plain: {},
  spread: {
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "DoNotSchedule", labelSelector },
    ],
  },
  "anti-affinity": {
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { color: "green" } } },
        ],
      },
    },
  },
};

const clock = systemClock;
const client = new FakeApi({ clock }).client();
const informers = createInformers({ client, clock, logger: silentLogger });
const cache = new SchedulerCache(clock);
const nominator = new Nominator();
const idle = {
  queueSizes: { active: 0, backoff: 0, unschedulable: 0, gated: 0 },
  cache: { nodes: 0, pods: 0, assumed: 0 },
  bindings: 0,
};
const profile = createProfile(
  { schedulerName: "bench", percentageOfNodesToScore: undefined, plugins: {}, pluginConfig: new Map() },
  {
    definitions: plugins,
    defaults: defaultPlugins,
    handleFor: (own) => ({
      client,
      informers,
      events: silentRecorder,
      clock,
      logger: silentLogger,
      random: Math.random,
      metrics: createSchedulerMetrics(createMetrics({ processFigures: false }), () => idle),
      pods: informers.listers.pods,
      nominator,
      waitingPods: new WaitingPods(clock),
      snapshot: () => cache.snapshot,
      profile: own,
      activate: () => {},
      wake: () => {},
    }),
  },
);

for (let i = 0; i < Number(nodes); i++) {
  const zone = { "topology.kubernetes.io/zone": `zone-${i % 3}` };
  cache.setNode(makeNode(`node-${i}`, { labels: zone, allocatable: { cpu: "32", memory: "64Gi", pods: "110" } }));
}
const waiting = Array.from({ length: Number(pods) }, (_, i) =>
  makePod({ name: `pod-${i}`, labels, requests: { cpu: "100m", memory: "100Mi" }, spec: specs[kind] ?? {} }),
);
const finder = new NodeFinder({ percentageOfNodesToScore: undefined, random: Math.random });
const before = process.cpuUsage();
let placed = 0;
for (const pod of waiting) {
  cache.refresh();
  const info = podInfoOf(pod);
  const placement = finder.find(profile, new CycleState(), info, cache.snapshot);
  if (placement.kind !== "found") continue;
  cache.assume(placedOn(info, placement.nodeName));
  placed++;
}
const { user, system } = process.cpuUsage(before);
const msPerPod = (user + system) / 1000 / waiting.length;
process.stdout.write(`${kind}: ${placed}/${pods} pods on ${nodes} nodes, ${msPerPod.toFixed(3)} ms CPU per pod\n`);

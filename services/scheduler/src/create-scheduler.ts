import type { Pod } from "@tskube/api";
import type { Clock, Logger, MetricsRegistry } from "@tskube/base";
import { type Client, createInformers, type EventRecorder, kinds } from "@tskube/client";
import { SchedulerCache } from "./cache/scheduler-cache.ts";
import { createProfile } from "./config/create-profile.ts";
import { defaultSchedulerName, type SchedulerConfiguration } from "./config/scheduler-configuration.ts";
import { connectHandlers, livePods } from "./event-handlers.ts";
import type { Handle, PluginDefinition } from "./framework/handle.ts";
import type { Profile } from "./framework/profile.ts";
import { WaitingPods } from "./framework/waiting-pods.ts";
import { createSchedulerMetrics, type SchedulerMetrics } from "./metrics.ts";
import { defaultPlugins, plugins } from "./plugins/index.ts";
import { SchedulingQueue } from "./queue/scheduling-queue.ts";
import { Background } from "./scheduling/background.ts";
import { handleFailure } from "./scheduling/failure.ts";
import { NodeFinder } from "./scheduling/find-node.ts";
import { Scheduler } from "./scheduling/scheduler.ts";

export interface SchedulerParts {
  readonly client: Client;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly random: () => number;
  /** Plugins besides those of this package. */
  readonly plugins?: readonly PluginDefinition[];
}

export interface AssembledScheduler {
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  readonly metrics: SchedulerMetrics;
  readonly hasSynced: boolean;
  /** Follows the server and schedules until `signal` aborts and all it began has ended. */
  run(signal: AbortSignal): Promise<void>;
}

/** Bindings and failures in the background beyond which the loop waits. */
const backgroundLimit = 500;

/** Joins the parts of a scheduler; touches nothing before `run`. Throws one sentence when the configuration is wrong. */
export function createScheduler(config: SchedulerConfiguration, parts: SchedulerParts): AssembledScheduler {
  const { client, clock, logger, events, random } = parts;
  const informers = createInformers({ client, clock, logger });
  const cache = new SchedulerCache(clock);
  const waitingPods = new WaitingPods(clock);
  const background = new Background(backgroundLimit);
  const profiles = new Map<string, Profile>();
  const profileOf = (pod: Pod) => profiles.get(pod.spec?.schedulerName || defaultSchedulerName);
  const allInterests = () => [...profiles.values()].map(({ interests }) => interests);
  const noInterests = new Map();

  const metrics = createSchedulerMetrics(parts.metrics, () => ({
    queueSizes: queue.sizes,
    cache: { nodes: cache.nodeCount, pods: cache.podCount, assumed: cache.assumedCount },
    bindings: background.size,
  }));
  const queue = new SchedulingQueue({
    clock,
    backoff: { initialMs: config.podInitialBackoffMs, maxMs: config.podMaxBackoffMs },
    // All profiles have the same queue sort plugin: there is one queue.
    less: (a, b) => profiles.values().next().value?.plugins.queueSort[0]?.less(a, b) ?? false,
    interestsOf: ({ pod }) => profileOf(pod)?.interests ?? noInterests,
    allInterests,
    preEnqueue: (pod) => profileOf(pod.pod)?.preEnqueue(pod),
    onIncoming: (name, event) => metrics.incoming(name, event),
  });
  const pods = informers.for(kinds.Pod, livePods);
  const handleFor = (profile: () => Profile): Handle => ({
    client,
    informers,
    events,
    clock,
    logger,
    random,
    metrics,
    nominator: queue.nominator,
    waitingPods,
    pods: pods.lister,
    snapshot: () => cache.snapshot,
    profile,
    activate: (waiting) => queue.activate(waiting),
    wake: (event, old, object) => queue.move(event, old, object),
  });
  const definitions = [...plugins, ...(parts.plugins ?? [])];
  for (const profile of config.profiles) {
    const created = createProfile(profile, { definitions, defaults: defaultPlugins, handleFor });
    profiles.set(profile.schedulerName, created);
  }
  checkQueueSort([...profiles.values()]);
  connectHandlers({ informers, cache, queue, waitingPods, isOurs: (pod) => profileOf(pod) !== undefined });

  const failureDeps = { client, pods: pods.lister, queue, events, clock, logger };
  const scheduler = new Scheduler({
    cache,
    queue,
    finder: new NodeFinder({ percentageOfNodesToScore: config.percentageOfNodesToScore, random }),
    waitingPods,
    background,
    events,
    metrics,
    clock,
    logger,
    profileOf,
    fail: (attempt, signal) => handleFailure(attempt, failureDeps, signal),
  });
  let hasSynced = false;

  return {
    cache,
    queue,
    metrics,
    get hasSynced() {
      return hasSynced;
    },
    async run(signal) {
      const watching = informers.start(signal);
      await informers.synced(signal);
      hasSynced = !signal.aborted;
      queue.start();
      try {
        await scheduler.run(signal);
      } finally {
        queue.close();
        await watching;
      }
    },
  };
}

function checkQueueSort(profiles: readonly Profile[]): void {
  const names = new Set(profiles.map(({ plugins }) => plugins.queueSort[0]?.name));
  if (names.size > 1) throw new Error("all profiles must have the same queue sort plugin");
}

import type { Pod } from "@tskube/api";
import { createMetrics, type MetricsRegistry, silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { kinds, startEventRecorder } from "@tskube/client";
import { FakeApi } from "@tskube/client/testing";
import { readConfiguration } from "../config/scheduler-configuration.ts";
import { type AssembledScheduler, createScheduler } from "../create-scheduler.ts";
import type { PluginDefinition } from "../framework/handle.ts";
import { makeNode, makePod, type NodeDraft, type PodDraft } from "./builders.ts";

export interface SchedulerBenchOptions {
  readonly document?: Record<string, unknown>;
  readonly plugins?: readonly PluginDefinition[];
}

/** A whole scheduler over an API in memory, with a clock that the test steps. */
export class SchedulerBench {
  readonly clock = new FakeClock();
  readonly api = new FakeApi({ clock: this.clock });
  readonly metrics: MetricsRegistry = createMetrics({ processFigures: false });
  scheduler: AssembledScheduler | undefined;
  #stop = new AbortController();
  #running: Promise<void> | undefined;

  /** Starts a scheduler and lets it do what there is to do. */
  async start({ document, plugins = [] }: SchedulerBenchOptions = {}): Promise<this> {
    const { clock } = this;
    const client = this.api.client();
    const events = startEventRecorder({
      client,
      source: { component: "default-scheduler" },
      clock,
      logger: silentLogger,
    });
    this.#stop = new AbortController();
    this.#stop.signal.addEventListener("abort", () => events.close());
    const configuration = readConfiguration(
      document && { apiVersion: "kubescheduler.config.k8s.io/v1", kind: "KubeSchedulerConfiguration", ...document },
    );
    const parts = { client, events, clock, logger: silentLogger, metrics: this.metrics, random: () => 0, plugins };
    this.scheduler = createScheduler(configuration, parts);
    this.#running = this.scheduler.run(this.#stop.signal);
    await this.settle();
    return this;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.clock.advance(0);
    await this.#running;
    this.metrics.clear();
  }

  /** Lets everything that needs no time happen. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 8; turn++) await this.clock.advance(0);
  }

  node(name: string, draft: NodeDraft = {}): void {
    this.api.seed("Node", makeNode(name, draft));
  }

  pod(draft: PodDraft): void {
    this.api.seed("Pod", makePod(draft));
  }

  read(name: string): Pod | undefined {
    return this.api.list(kinds.Pod).find(({ metadata }) => metadata.name === name);
  }

  nodeOf(name: string): string | undefined {
    return this.read(name)?.spec?.nodeName;
  }

  /** What the PodScheduled condition says. */
  messageOf(name: string): string | undefined {
    return this.read(name)?.status?.conditions?.find(({ type }) => type === "PodScheduled")?.message;
  }

  /** `reason: message` of all events about a pod. */
  eventsOf(name: string): string[] {
    const events = this.api.list(kinds.Event);
    return events
      .filter((event) => event.involvedObject.name === name)
      .map(({ reason, message }) => `${reason}: ${message}`);
  }
}

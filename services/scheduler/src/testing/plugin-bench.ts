import { createMetrics, silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { createInformers, silentRecorder } from "@tskube/client";
import { FakeApi } from "@tskube/client/testing";
import { createProfile } from "../config/create-profile.ts";
import { CycleState } from "../framework/cycle-state.ts";
import type { Handle, PluginDefinition } from "../framework/handle.ts";
import type { NodeInfo } from "../framework/node-info.ts";
import type { PodInfo } from "../framework/pod-info.ts";
import type { Profile } from "../framework/profile.ts";
import { type Snapshot, snapshotOf } from "../framework/snapshot.ts";
import { messageOf } from "../framework/status.ts";
import { WaitingPods } from "../framework/waiting-pods.ts";
import { createSchedulerMetrics } from "../metrics.ts";
import { defaultBinder } from "../plugins/default-binder/default-binder.ts";
import { prioritySort } from "../plugins/priority-sort/priority-sort.ts";
import { Nominator } from "../queue/nominator.ts";

const noGauges = {
  queueSizes: { active: 0, backoff: 0, unschedulable: 0, gated: 0 },
  cache: { nodes: 0, pods: 0, assumed: 0 },
  bindings: 0,
};

/** Plugins in a profile of their own, over given nodes and an API in memory. */
export class PluginBench {
  readonly clock = new FakeClock();
  readonly api = new FakeApi({ clock: this.clock });
  readonly nominator = new Nominator();
  readonly profile: Profile;
  snapshot: Snapshot;
  readonly #stop = new AbortController();
  readonly #informers;

  constructor(definitions: readonly PluginDefinition[], nodes: readonly NodeInfo[], args: unknown = undefined) {
    this.snapshot = snapshotOf(nodes);
    const client = this.api.client();
    this.#informers = createInformers({ client, clock: this.clock, logger: silentLogger });
    const informers = this.#informers;
    const base: Omit<Handle, "profile"> = {
      client,
      informers,
      events: silentRecorder,
      clock: this.clock,
      logger: silentLogger,
      random: () => 0,
      metrics: createSchedulerMetrics(createMetrics({ processFigures: false }), () => noGauges),
      pods: informers.listers.pods,
      nominator: this.nominator,
      waitingPods: new WaitingPods(this.clock),
      snapshot: () => this.snapshot,
      activate: () => {},
      wake: () => {},
    };
    const all = [prioritySort, ...definitions, defaultBinder];
    this.profile = createProfile(
      {
        schedulerName: "default-scheduler",
        percentageOfNodesToScore: undefined,
        plugins: {},
        pluginConfig: new Map(definitions.map(({ name }) => [name, args])),
      },
      { definitions: all, defaults: all, handleFor: (profile) => ({ ...base, profile }) },
    );
  }

  /** Lets plugins that read listers see what is in the API. */
  async follow(): Promise<void> {
    void this.#informers.start(this.#stop.signal);
    await this.#informers.synced();
  }

  close(): void {
    this.#stop.abort();
  }

  /** What each node says to the pod; empty for yes. A rejection before any node is looked at stands under `*`. */
  verdicts(pod: PodInfo): Record<string, string> {
    const state = new CycleState();
    const { verdict, only } = this.profile.preFilter(state, pod, this.snapshot);
    if (verdict) return { "*": messageOf(verdict) };
    const verdicts: Record<string, string> = {};
    for (const node of this.snapshot.nodes) {
      if (only && !only.nodeNames.has(node.name)) continue;
      const answer = this.profile.filterWithNominated(state, pod, node);
      verdicts[node.name] = answer ? messageOf(answer) : "";
    }
    return verdicts;
  }

  /** The weighted scores by node. */
  scores(pod: PodInfo): Record<string, number> {
    const state = new CycleState();
    this.profile.preFilter(state, pod, this.snapshot);
    this.profile.preScore(state, pod, this.snapshot.nodes, this.snapshot);
    const scores = this.profile.score(state, pod, this.snapshot.nodes);
    return Object.fromEntries(this.snapshot.nodes.map(({ name }, i) => [name, scores[i] ?? 0]));
  }
}

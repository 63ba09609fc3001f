import type { KubeObject, Pod } from "@tskube/api";
import type { Clock, Logger } from "@tskube/base";
import type { Client, EventRecorder, Informers, Lister } from "@tskube/client";
import type { SchedulerMetrics } from "../metrics.ts";
import type { Nominator } from "../queue/nominator.ts";
import type { ClusterEvent } from "./events.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Plugin } from "./points.ts";
import type { Profile } from "./profile.ts";
import type { Snapshot } from "./snapshot.ts";
import type { WaitingPods } from "./waiting-pods.ts";

/** What plugins may use of the scheduler. */
export interface Handle {
  readonly client: Client;
  /** Listers that a plugin reads must be named when it is created. */
  readonly informers: Informers;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly metrics: SchedulerMetrics;
  /** Pods that have not ended, of all schedulers. */
  readonly pods: Lister<Pod>;
  readonly nominator: Nominator;
  readonly waitingPods: WaitingPods;
  /** The nodes as the present cycle sees them. */
  snapshot(): Snapshot;
  /** The profile the plugin belongs to; not before all its plugins are created. */
  profile(): Profile;
  /** Puts pods that wait for anything into the active queue. */
  activate(pods: Iterable<PodInfo>): void;
  /** Tells of something that may make rejected pods schedulable: a plugin tells of the objects that it watches itself. */
  wake(event: ClusterEvent, old: KubeObject | undefined, object: KubeObject | undefined): void;
}

/** How a plugin comes to be: its name in configurations, and its creation from its arguments. */
export interface PluginDefinition {
  readonly name: string;
  /** `args` is what the configuration says under `pluginConfig`, unparsed; throws a sentence when it is wrong. */
  create(args: unknown, handle: Handle): Plugin;
}

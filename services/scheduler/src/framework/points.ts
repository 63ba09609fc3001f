import type { CycleState } from "./cycle-state.ts";
import type { EventInterest } from "./events.ts";
import type { NodeInfo } from "./node-info.ts";
import type { NodeStatuses } from "./node-statuses.ts";
import type { PodInfo } from "./pod-info.ts";
import type { QueuedPod } from "./queued-pod.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Status, Verdict } from "./status.ts";

/** Extension points, one small interface each. A plugin has the methods of those it takes part in. */

/** May keep a pod out of the queue. */
export interface PreEnqueuePlugin {
  preEnqueue(pod: PodInfo): Verdict;
}

/** Says which of two pods comes first. Exactly one is in force. */
export interface QueueSortPlugin {
  less(a: QueuedPod, b: QueuedPod): boolean;
}

/** Narrows the nodes that are looked at. */
export interface PreFilterResult {
  readonly nodeNames: ReadonlySet<string>;
}

/** Prepares a cycle: rejects the pod everywhere, names the only nodes there are, skips `filter`, or neither. */
export interface PreFilterPlugin {
  preFilter(state: CycleState, pod: PodInfo, snapshot: Snapshot): Status | PreFilterResult | undefined;
  /** Brings what `preFilter` prepared in step with a trial: `added` is (no longer) on `node`. */
  addPod?(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void;
  removePod?(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void;
}

/** Says whether a pod can run on a node. */
export interface FilterPlugin {
  filter(state: CycleState, pod: PodInfo, node: NodeInfo): Verdict;
}

/** Makes room when no node was found. */
export interface PostFilterPlugin {
  postFilter(state: CycleState, pod: PodInfo, statuses: NodeStatuses): Promise<PostFilterResult> | PostFilterResult;
}

export interface PostFilterResult {
  readonly status: Verdict;
  /** The node to nominate; empty clears the nomination, absent leaves it. */
  readonly nominatedNode?: string;
}

export interface PreScorePlugin {
  preScore(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[], snapshot: Snapshot): Verdict;
}

/** The largest score after normalisation. */
export const maxNodeScore = 100;

export interface ScorePlugin {
  score(state: CycleState, pod: PodInfo, node: NodeInfo): number;
  /** Brings one plugin's scores, in the order of the nodes, into 0 to `maxNodeScore`, in place. */
  normalizeScores?(state: CycleState, pod: PodInfo, scores: number[], nodes: readonly NodeInfo[]): void;
}

export interface ReservePlugin {
  reserve(state: CycleState, pod: PodInfo, nodeName: string): Verdict;
  /** Undoes `reserve`; also called when it was never reached, and may be called twice. */
  unreserve(state: CycleState, pod: PodInfo, nodeName: string): void;
}

export interface PermitPlugin {
  permit(state: CycleState, pod: PodInfo, nodeName: string): PermitResult;
}

export interface PermitResult {
  /** `wait` holds the pod back until somebody allows or rejects it, or the time is over. */
  readonly status: Verdict;
  readonly timeoutMs?: number;
}

export interface PreBindPlugin {
  preBind(state: CycleState, pod: PodInfo, nodeName: string, signal: AbortSignal): Promise<Verdict>;
}

export interface BindPlugin {
  /** `skip` leaves it to the next. */
  bind(state: CycleState, pod: PodInfo, nodeName: string, signal: AbortSignal): Promise<Verdict>;
}

export interface PostBindPlugin {
  postBind(state: CycleState, pod: PodInfo, nodeName: string): void;
}

/** Names the events after which a rejected pod is tried again. Absent: every event. */
export interface EnqueueExtensions {
  eventsToRegister(): readonly EventInterest[];
}

interface PointInterfaces {
  readonly preEnqueue: PreEnqueuePlugin;
  readonly queueSort: QueueSortPlugin;
  readonly preFilter: PreFilterPlugin;
  readonly filter: FilterPlugin;
  readonly postFilter: PostFilterPlugin;
  readonly preScore: PreScorePlugin;
  readonly score: ScorePlugin;
  readonly reserve: ReservePlugin;
  readonly permit: PermitPlugin;
  readonly preBind: PreBindPlugin;
  readonly bind: BindPlugin;
  readonly postBind: PostBindPlugin;
}

interface ExtensionPoints
  extends PreEnqueuePlugin,
    QueueSortPlugin,
    PreFilterPlugin,
    FilterPlugin,
    PostFilterPlugin,
    PreScorePlugin,
    ScorePlugin,
    ReservePlugin,
    PermitPlugin,
    PreBindPlugin,
    BindPlugin,
    PostBindPlugin,
    EnqueueExtensions {}

export interface Plugin extends Partial<ExtensionPoints> {
  readonly name: string;
}

/** A point's key in the configuration, and the method that a plugin has which takes part in it. */
export const pointMethods = {
  preEnqueue: "preEnqueue",
  queueSort: "less",
  preFilter: "preFilter",
  filter: "filter",
  postFilter: "postFilter",
  preScore: "preScore",
  score: "score",
  reserve: "reserve",
  permit: "permit",
  preBind: "preBind",
  bind: "bind",
  postBind: "postBind",
} as const satisfies { readonly [P in keyof PointInterfaces]: keyof ExtensionPoints };

export type PointName = keyof typeof pointMethods;
export const pointNames = Object.keys(pointMethods) as PointName[];

export type PluginAt<P extends PointName> = Plugin & PointInterfaces[P];

export function takesPartIn<P extends PointName>(plugin: Plugin, point: P): plugin is PluginAt<P> {
  return typeof plugin[pointMethods[point]] === "function";
}

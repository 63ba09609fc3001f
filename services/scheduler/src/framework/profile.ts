import type { Nominator } from "../queue/nominator.ts";
import type { CycleState } from "./cycle-state.ts";
import type { EventInterest } from "./events.ts";
import { action } from "./events.ts";
import type { NodeInfo } from "./node-info.ts";
import type { NodeStatuses } from "./node-statuses.ts";
import type { PodInfo } from "./pod-info.ts";
import { maxNodeScore, type PluginAt, type PointName, type PostFilterResult, type PreFilterResult } from "./points.ts";
import type { Snapshot } from "./snapshot.ts";
import { byPlugin, failure, isRejected, type Status, unresolvable, type Verdict } from "./status.ts";

/** The plugins in force at each point, in order. */
export type ProfilePlugins = { readonly [P in PointName]: readonly PluginAt<P>[] };

export interface ProfileOptions {
  readonly schedulerName: string;
  readonly plugins: ProfilePlugins;
  readonly weights: ReadonlyMap<string, number>;
  readonly percentageOfNodesToScore: number | undefined;
  readonly nominator: Nominator;
}

/** What preparing a cycle came to. */
export interface Prepared {
  readonly verdict: Verdict;
  /** The only nodes worth a look, and the plugins that said so. */
  readonly only?: PreFilterResult;
  readonly narrowedBy: readonly string[];
}

export interface PermitOutcome {
  readonly verdict: Verdict;
  /** Plugins that hold the pod back, with their times; empty when it may go on. */
  readonly waits: ReadonlyMap<string, number>;
}

/** Longest time a permit plugin may hold a pod back. */
const maxPermitMs = 15 * 60_000;
const everyEvent: readonly EventInterest[] = [{ resource: "*", actions: action.all }];

/** One scheduler name with its plugins: runs each extension point over them. */
export class Profile {
  readonly schedulerName: string;
  readonly plugins: ProfilePlugins;
  readonly percentageOfNodesToScore: number | undefined;
  readonly interests: ReadonlyMap<string, readonly EventInterest[]>;
  readonly #weights: ReadonlyMap<string, number>;
  readonly #nominator: Nominator;

  constructor(options: ProfileOptions) {
    this.schedulerName = options.schedulerName;
    this.plugins = options.plugins;
    this.percentageOfNodesToScore = options.percentageOfNodesToScore;
    this.#weights = options.weights;
    this.#nominator = options.nominator;
    this.interests = interestsOf(options.plugins);
  }

  preEnqueue(pod: PodInfo): Verdict {
    for (const plugin of this.plugins.preEnqueue) {
      const verdict = plugin.preEnqueue(pod);
      if (verdict) return byPlugin(verdict, plugin.name);
    }
    return undefined;
  }

  preFilter(state: CycleState, pod: PodInfo, snapshot: Snapshot): Prepared {
    let only: Set<string> | undefined;
    const narrowedBy: string[] = [];
    let rejected: Status | undefined;
    for (const plugin of this.plugins.preFilter) {
      const answer = plugin.preFilter(state, pod, snapshot);
      if (!answer) continue;
      if ("nodeNames" in answer) {
        only = only ? intersection(only, answer.nodeNames) : new Set(answer.nodeNames);
        narrowedBy.push(plugin.name);
        if (only.size === 0) return { verdict: byPlugin(nothingLeft(narrowedBy), plugin.name), narrowedBy };
      } else if (answer.code === "Skip") state.skipFilter.add(plugin.name);
      else if (isRejected(answer)) {
        rejected ??= byPlugin(answer, plugin.name);
        // Preemption may still help the first one, and must know if it cannot help another.
        if (answer.code === "UnschedulableAndUnresolvable")
          return { verdict: byPlugin(answer, plugin.name), narrowedBy };
      } else return { verdict: brokenPlugin(answer, "PreFilter", plugin.name), narrowedBy };
    }
    return { verdict: rejected, ...(only && { only: { nodeNames: only } }), narrowedBy };
  }

  filter(state: CycleState, pod: PodInfo, node: NodeInfo): Verdict {
    for (const plugin of this.plugins.filter) {
      if (state.skipFilter.has(plugin.name)) continue;
      const verdict = plugin.filter(state, pod, node);
      if (!verdict) continue;
      return isRejected(verdict) ? byPlugin(verdict, plugin.name) : brokenPlugin(verdict, "Filter", plugin.name);
    }
    return undefined;
  }

  /**
   * As `filter`, with pods of the same or a higher priority that are nominated to the node counted as if they were there already.
   * They may also be what the pod needs (affinity), and they may never come, so it must fit without them too.
   */
  filterWithNominated(state: CycleState, pod: PodInfo, node: NodeInfo): Verdict {
    if (this.#nominator.isEmpty) return this.filter(state, pod, node);
    const nominated = [...this.#nominator.on(node.name)].filter(
      (other) => other.priority >= pod.priority && other.uid !== pod.uid,
    );
    if (nominated.length === 0) return this.filter(state, pod, node);
    const trialState = state.clone();
    const trialNode = node.clone();
    for (const other of nominated) this.addPod(trialState, pod, other, trialNode);
    return this.filter(trialState, pod, trialNode) ?? this.filter(state, pod, node);
  }

  /** Puts `added` on `node` in a trial, in the node and in what plugins have prepared. */
  addPod(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void {
    node.addPod(added);
    for (const plugin of this.plugins.preFilter) {
      if (!state.skipFilter.has(plugin.name)) plugin.addPod?.(state, pod, added, node);
    }
  }

  removePod(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void {
    node.removePod(removed.key);
    for (const plugin of this.plugins.preFilter) {
      if (!state.skipFilter.has(plugin.name)) plugin.removePod?.(state, pod, removed, node);
    }
  }

  /** The first plugin that makes room, or that says it cannot be done, decides. */
  async postFilter(state: CycleState, pod: PodInfo, statuses: NodeStatuses): Promise<PostFilterResult> {
    let result: PostFilterResult = { status: undefined };
    const reasons: string[] = [];
    for (const plugin of this.plugins.postFilter) {
      const answer = await plugin.postFilter(state, pod, statuses);
      if (!answer.status) return answer;
      if (answer.status.code === "Error") return { status: brokenPlugin(answer.status, "PostFilter", plugin.name) };
      if (answer.nominatedNode !== undefined) result = { ...result, nominatedNode: answer.nominatedNode };
      reasons.push(...answer.status.reasons);
      result = { ...result, status: byPlugin({ ...answer.status, reasons }, plugin.name) };
      if (answer.status.code === "UnschedulableAndUnresolvable") break;
    }
    return result;
  }

  preScore(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[], snapshot: Snapshot): Verdict {
    for (const plugin of this.plugins.preScore) {
      const verdict = plugin.preScore(state, pod, nodes, snapshot);
      if (!verdict) continue;
      if (verdict.code !== "Skip") return brokenPlugin(verdict, "PreScore", plugin.name);
      state.skipScore.add(plugin.name);
    }
    return undefined;
  }

  /** The weighted sum of all plugins' scores, in the order of `nodes`. Throws when a plugin's scores are out of bounds. */
  score(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): number[] {
    const totals = new Array<number>(nodes.length).fill(0);
    const scores = new Array<number>(nodes.length);
    for (const plugin of this.plugins.score) {
      if (state.skipScore.has(plugin.name)) continue;
      for (let i = 0; i < nodes.length; i++) scores[i] = plugin.score(state, pod, nodes[i] as NodeInfo);
      plugin.normalizeScores?.(state, pod, scores, nodes);
      const weight = this.#weights.get(plugin.name) ?? 1;
      for (let i = 0; i < nodes.length; i++) {
        const score = scores[i] as number;
        if (!(score >= 0 && score <= maxNodeScore)) throw invalidScore(plugin.name, score);
        totals[i] = (totals[i] as number) + score * weight;
      }
    }
    return totals;
  }

  reserve(state: CycleState, pod: PodInfo, nodeName: string): Verdict {
    for (const plugin of this.plugins.reserve) {
      const verdict = plugin.reserve(state, pod, nodeName);
      if (!verdict) continue;
      return isRejected(verdict) ? byPlugin(verdict, plugin.name) : brokenPlugin(verdict, "Reserve", plugin.name);
    }
    return undefined;
  }

  unreserve(state: CycleState, pod: PodInfo, nodeName: string): void {
    for (const plugin of this.plugins.reserve.toReversed()) plugin.unreserve(state, pod, nodeName);
  }

  permit(state: CycleState, pod: PodInfo, nodeName: string): PermitOutcome {
    const waits = new Map<string, number>();
    for (const plugin of this.plugins.permit) {
      const { status, timeoutMs = maxPermitMs } = plugin.permit(state, pod, nodeName);
      if (!status) continue;
      if (status.code === "Wait") waits.set(plugin.name, Math.min(timeoutMs, maxPermitMs));
      else if (isRejected(status)) return { verdict: byPlugin(status, plugin.name), waits };
      else return { verdict: brokenPlugin(status, "Permit", plugin.name), waits };
    }
    return { verdict: undefined, waits };
  }

  async preBind(state: CycleState, pod: PodInfo, nodeName: string, signal: AbortSignal): Promise<Verdict> {
    for (const plugin of this.plugins.preBind) {
      const verdict = await plugin.preBind(state, pod, nodeName, signal);
      if (!verdict) continue;
      return isRejected(verdict) ? byPlugin(verdict, plugin.name) : brokenPlugin(verdict, "PreBind", plugin.name);
    }
    return undefined;
  }

  async bind(state: CycleState, pod: PodInfo, nodeName: string, signal: AbortSignal): Promise<Verdict> {
    for (const plugin of this.plugins.bind) {
      const verdict = await plugin.bind(state, pod, nodeName, signal);
      if (verdict?.code === "Skip") continue;
      return verdict && byPlugin(verdict, plugin.name);
    }
    return failure(new Error("no bind plugin took the pod"));
  }

  postBind(state: CycleState, pod: PodInfo, nodeName: string): void {
    for (const plugin of this.plugins.postBind) plugin.postBind(state, pod, nodeName);
  }
}

/** Events each plugin waits for; one that does not say is woken by all. */
function interestsOf(plugins: ProfilePlugins): Map<string, readonly EventInterest[]> {
  const interests = new Map<string, readonly EventInterest[]>();
  const rejecting = [plugins.preEnqueue, plugins.preFilter, plugins.filter, plugins.reserve, plugins.permit];
  for (const plugin of [...rejecting.flat(), ...plugins.preBind])
    interests.set(plugin.name, plugin.eventsToRegister?.() ?? everyEvent);
  return interests;
}

function intersection(a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> {
  return new Set([...a].filter((name) => b.has(name)));
}

function nothingLeft(plugins: readonly string[]): Status {
  return plugins.length === 1
    ? unresolvable(`node(s) didn't satisfy plugin ${plugins[0]}`)
    : unresolvable(`node(s) didn't satisfy plugin(s) [${plugins.join(" ")}] simultaneously`);
}

function brokenPlugin(status: Status, point: string, plugin: string): Status {
  const reason = `running ${point} plugin "${plugin}": ${status.reasons.join(", ")}`;
  return { ...status, code: "Error", reasons: [reason], plugin };
}

function invalidScore(plugin: string, score: number): Error {
  return new Error(
    `plugin "${plugin}" returns an invalid score ${score}, it should in the range of [0, ${maxNodeScore}] after normalizing`,
  );
}

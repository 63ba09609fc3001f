import type { FlowSchema, PriorityLevelConfiguration } from "@tskube/api";
import type { Clock } from "@tskube/base";
import type { User } from "../auth/index.ts";
import type { RequestInfo } from "../filters/request-info.ts";
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from "./bootstrap/mandatory-objects.ts";
import { estimateWork, type WorkCounts } from "./estimate-work.ts";
import { FlowStats } from "./flow-stats.ts";
import { adjustLimits } from "./limits/adjust-limits.ts";
import { sharesOf } from "./limits/nominal-limits.ts";
import {
  type CompiledFlowSchema,
  compareSchemas,
  compileFlowSchema,
  type Matches,
} from "./matching/compile-flow-schema.ts";
import { PriorityLevel } from "./priority-level.ts";
import type { Ticket } from "./queueing/ticket.ts";

export interface FlowControlDeps {
  readonly clock: Clock;
  readonly counts: WorkCounts;
}

/** Where a request belongs: its schema, the level of that, and its flow. */
export interface Flow {
  readonly schema: CompiledFlowSchema;
  readonly level: PriorityLevel;
  readonly stats: FlowStats;
}

interface Candidate {
  readonly flow: Flow;
  readonly matches: Matches;
}

/** How often seats are lent and returned. */
export const adjustmentMs = 10_000;

/**
 * API priority and fairness: every request is of one schema, by which it has a level and a flow in it; the level's queues say when it is
 * handled. Levels and schemas follow the API's objects; without any there is what is mandatory.
 */
export class FlowControl {
  readonly #deps: FlowControlDeps;
  readonly #serverSeats: number;
  readonly #levels = new Map<string, PriorityLevel>();
  readonly #stats = new Map<string, FlowStats>();
  #flows: readonly Flow[] = [];
  /** What can match a user's requests: the same users come again and again. */
  #candidates = new WeakMap<User, readonly Candidate[]>();
  #fallback!: Flow;
  #fairFraction = 1;

  /** `serverSeats` is what all levels have together. */
  constructor(deps: FlowControlDeps, serverSeats: number) {
    this.#deps = deps;
    this.#serverSeats = serverSeats;
    this.configure([], []);
  }

  get levels(): Iterable<PriorityLevel> {
    return this.#levels.values();
  }

  get stats(): Iterable<FlowStats> {
    return this.#stats.values();
  }

  /** What fraction of their wants levels had at the last adjustment. */
  get fairFraction(): number {
    return this.#fairFraction;
  }

  /** Takes the API's objects as they are now; what is mandatory is added where it is missing. */
  configure(schemas: readonly FlowSchema[], levels: readonly PriorityLevelConfiguration[]): void {
    this.#configureLevels(withMandatory(levels, mandatoryPriorityLevels));
    const compiled = withMandatory(schemas, mandatoryFlowSchemas).map(compileFlowSchema).sort(compareSchemas);
    const flows: Flow[] = [];
    for (const schema of compiled) {
      const level = this.#levels.get(schema.level);
      // A schema without a level matches nothing until the level is there.
      if (level && !level.isQuiescing) flows.push({ schema, level, stats: this.#statsOf(level.name, schema.name) });
    }
    this.#flows = flows;
    this.#candidates = new WeakMap();
    this.#fallback = flows.find(({ schema }) => schema.name === "catch-all") as Flow;
    this.#forgetStats(new Set(compiled.map(({ name }) => name)));
  }

  /** The first schema that matches. */
  classify(user: User, info: RequestInfo): Flow {
    for (const { flow, matches } of this.#candidatesOf(user)) if (matches(info)) return flow;
    return this.#fallback;
  }

  /** Gives a request its place; its ticket says whether it may be handled, has to wait, or was sent away. */
  arrive({ schema, level, stats }: Flow, user: User, info: RequestInfo, query: URLSearchParams): Ticket {
    const work = estimateWork(info, query, this.#deps.counts, level.maxSeatsOfRequest);
    const ticket = level.queueSet.arrive({
      work,
      flowSchema: schema.name,
      distinguisher: schema.distinguisher(user, info),
      user: user.name,
      info,
    });
    stats.seats.observe(ticket.seats);
    if (ticket.queue) stats.queueLength.observe(ticket.queue.waiting.size);
    return ticket;
  }

  /** Lends seats of idle levels to busy ones; to be called every `adjustmentMs`. */
  adjust(): void {
    this.#dropIdleLevels();
    const nowMs = this.#deps.clock.monotonic();
    const levels = [...this.#levels.values()];
    const demands = levels.map(({ limits, isExempt, adjusted, queueSet }) => ({
      limits,
      isExempt,
      smoothed: adjusted.smoothed,
      figures: queueSet.demand.take(nowMs),
    }));
    const adjustment = adjustLimits(demands, this.#serverSeats);
    this.#fairFraction = adjustment.fairFraction;
    for (const [index, { limit, smoothed, target }] of adjustment.levels.entries()) {
      const level = levels[index] as PriorityLevel;
      level.adjusted = { smoothed, target, ...(demands[index] as (typeof demands)[number]).figures };
      if (!level.isExempt) level.queueSet.setLimit(limit);
    }
  }

  #candidatesOf(user: User): readonly Candidate[] {
    let candidates = this.#candidates.get(user);
    if (!candidates) {
      candidates = this.#flows.flatMap((flow) => {
        const matches = flow.schema.forUser(user);
        return matches ? [{ flow, matches }] : [];
      });
      this.#candidates.set(user, candidates);
    }
    return candidates;
  }

  #configureLevels(objects: readonly PriorityLevelConfiguration[]): void {
    for (const level of this.#levels.values()) level.isQuiescing = true;
    for (const object of objects) {
      const { name } = object.metadata;
      const level = this.#levels.get(name) ?? new PriorityLevel(this.#deps.clock, object);
      level.configure(object);
      this.#levels.set(name, level);
    }
    this.#dropIdleLevels();
    const totalShares = [...this.#levels.values()].reduce((sum, { spec }) => sum + sharesOf(spec), 0);
    for (const level of this.#levels.values()) level.divide(totalShares, this.#serverSeats);
  }

  #dropIdleLevels(): void {
    for (const [name, { isQuiescing, queueSet }] of this.#levels) {
      if (isQuiescing && queueSet.isIdle) this.#levels.delete(name);
    }
  }

  #statsOf(level: string, schema: string): FlowStats {
    const key = `${level}/${schema}`;
    const stats = this.#stats.get(key) ?? new FlowStats(level, schema);
    this.#stats.set(key, stats);
    return stats;
  }

  /** Counts last as long as their schema: names come from outside. */
  #forgetStats(schemas: ReadonlySet<string>): void {
    for (const [key, { schema }] of this.#stats) if (!schemas.has(schema)) this.#stats.delete(key);
  }
}

function withMandatory<T extends { readonly metadata: { readonly name: string } }>(
  objects: readonly T[],
  mandatory: readonly T[],
): readonly T[] {
  const names = new Set(objects.map(({ metadata }) => metadata.name));
  return [...objects, ...mandatory.filter(({ metadata }) => !names.has(metadata.name))];
}

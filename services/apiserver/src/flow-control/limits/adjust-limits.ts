import type { DemandFigures } from "../queueing/seat-demand.ts";
import type { LevelLimits } from "./nominal-limits.ts";

/** One level at the time of an adjustment. */
export interface LevelDemand {
  readonly limits: LevelLimits;
  readonly isExempt: boolean;
  readonly figures: DemandFigures;
  /** What `smoothDemand` gave at the last adjustment. */
  readonly smoothed: number;
}

export interface AdjustedLevel {
  readonly limit: number;
  readonly smoothed: number;
  readonly target: number;
}

export interface Adjustment {
  readonly levels: readonly AdjustedLevel[];
  /** What fraction of its target each level could have. */
  readonly fairFraction: number;
}

/** Each period a demand that has gone away counts for so much of what it counted before: half of it after five minutes. */
const decay = 0.977;

/** Demand rises at once and sinks slowly, so that a level that needs seats now and then need not wait for them each time. */
export function smoothDemand({ average, deviation }: DemandFigures, before: number): number {
  const envelope = average + deviation;
  return Math.max(envelope, decay * before + (1 - decay) * envelope);
}

/**
 * Lends the seats of levels that do not need them to those that do. Every level keeps what it may not lend, and what it used of its own;
 * the rest is divided in proportion to demand, within the levels' borrowing limits.
 */
export function adjustLimits(demands: readonly LevelDemand[], serverSeats: number): Adjustment {
  const wanted = demands.map((demand) => {
    const smoothed = smoothDemand(demand.figures, demand.smoothed);
    const least = leastOf(demand);
    return { demand, smoothed, least, most: Math.max(demand.limits.upper, least), target: Math.max(least, smoothed) };
  });
  const exempt = wanted.filter(({ demand }) => demand.isExempt);
  const limited = wanted.filter(({ demand }) => !demand.isExempt);
  const seats = Math.max(0, serverSeats - exempt.reduce((sum, { least }) => sum + least, 0));
  const fairFraction = findFairFraction(limited, seats);
  const shortage = Math.min(1, seats / limited.reduce((sum, { least }) => sum + least, 0));
  const levels = wanted.map(({ demand, smoothed, least, most, target }) => {
    const share = shortage < 1 ? least * shortage : Math.min(most, Math.max(least, fairFraction * target));
    return { smoothed, target, limit: demand.isExempt ? least : Math.round(share) };
  });
  return { levels, fairFraction };
}

/** What a level is sure of: what it used of its own, but never less than it keeps. */
function leastOf({ limits, isExempt, figures }: LevelDemand): number {
  if (isExempt) return Math.max(limits.lower, figures.highest);
  return Math.max(limits.lower, Math.min(limits.nominal, figures.highest));
}

interface Range {
  readonly least: number;
  readonly most: number;
  readonly target: number;
}

/**
 * The fraction `f` for which the levels' `f * target`, kept between their least and most, add up to `seats`. The sum rises with `f` and
 * bends only where a level leaves its least or reaches its most, so it is found between two bends.
 */
function findFairFraction(levels: readonly Range[], seats: number): number {
  const sumAt = (fraction: number) =>
    levels.reduce((sum, { least, most, target }) => sum + Math.min(most, Math.max(least, fraction * target)), 0);
  const bends = levels
    .filter(({ target }) => target > 0)
    .flatMap(({ least, most, target }) => [least / target, most / target])
    .sort((a, b) => a - b);
  let below = 0;
  for (const bend of bends) {
    const sum = sumAt(bend);
    if (sum < seats) {
      below = bend;
      continue;
    }
    const sumBelow = sumAt(below);
    return sum === sumBelow ? bend : below + ((bend - below) * Math.max(0, seats - sumBelow)) / (sum - sumBelow);
  }
  return below; // everybody has the most it may
}

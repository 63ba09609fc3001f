import type { flowcontrolV1 } from "@tskube/api";

/** What a level may have of the server's seats. */
export interface LevelLimits {
  readonly nominal: number;
  /** It keeps so many whatever others want. */
  readonly lower: number;
  /** It can borrow up to so many. */
  readonly upper: number;
}

type LevelSpec = flowcontrolV1.PriorityLevelConfigurationSpec;

export function sharesOf({ limited, exempt }: LevelSpec): number {
  return (limited ?? exempt)?.nominalConcurrencyShares ?? 0;
}

/** Divides `serverSeats` by the levels' shares, rounded up so that no share comes to nothing. */
export function limitsOf(spec: LevelSpec, totalShares: number, serverSeats: number): LevelLimits {
  const { limited, exempt } = spec;
  const nominal = totalShares === 0 ? 0 : Math.ceil((serverSeats * sharesOf(spec)) / totalShares);
  const lendable = Math.round((nominal * ((limited ?? exempt)?.lendablePercent ?? 0)) / 100);
  const borrowing = limited?.borrowingLimitPercent;
  const upper = borrowing === undefined ? serverSeats : nominal + Math.round((nominal * borrowing) / 100);
  return { nominal, lower: nominal - lendable, upper };
}

/** What a request is thought to cost. A seat is a share of the server for as long as it is taken. */
export interface Work {
  /** Taken while the request is handled. */
  readonly initialSeats: number;
  /** Taken for `additionalMs` after it has been answered: watchers are told of what it wrote. */
  readonly finalSeats: number;
  readonly additionalMs: number;
}

/** The least that a request can cost. */
export const oneSeat: Work = Object.freeze({ initialSeats: 1, finalSeats: 0, additionalMs: 0 });

/** How long a request is taken to last before it is known, in seconds. */
export const guessedSeconds = 0.003;

export function maxSeats({ initialSeats, finalSeats }: Work): number {
  return Math.max(initialSeats, finalSeats);
}

/** Seat-seconds, with the guess for the time that is not known yet. */
export function totalWork({ initialSeats, finalSeats, additionalMs }: Work): number {
  return initialSeats * guessedSeconds + (finalSeats * additionalMs) / 1000;
}

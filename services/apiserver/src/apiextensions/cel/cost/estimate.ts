/** How much of something there is at least and at most. */
export interface Estimate {
  readonly min: number;
  readonly max: number;
}

/** Where estimates end: more than any limit. */
export const maxCost = 2 ** 64;

export const nothing: Estimate = { min: 0, max: 0 };
export const unknown: Estimate = { min: 0, max: maxCost };

export const fixed = (amount: number): Estimate => ({ min: amount, max: amount });

const capped = (amount: number) => Math.min(amount, maxCost);

export function add(...all: readonly Estimate[]): Estimate {
  return all.reduce((sum, one) => ({ min: capped(sum.min + one.min), max: capped(sum.max + one.max) }), nothing);
}

export function multiply(a: Estimate, b: Estimate): Estimate {
  return { min: capped(a.min * b.min), max: capped(a.max * b.max) };
}

/** A cost in proportion to a size. */
export function scaled({ min, max }: Estimate, factor: number): Estimate {
  return { min: capped(Math.ceil(min * factor)), max: capped(Math.ceil(max * factor)) };
}

/** Either of both. */
export function union(a: Estimate, b: Estimate): Estimate {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

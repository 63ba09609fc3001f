/** What one evaluation may cost. */
export const perCallLimit = 1_000_000;

export class CostLimitExceeded extends Error {
  override readonly name = "CostLimitExceeded";
  constructor() {
    super("operation cancelled: actual cost limit exceeded");
  }
}

/** Counts what an evaluation costs, by upstream's measure, and ends one that costs too much. */
export class CostMeter {
  readonly #limit: number;
  #used = 0;

  constructor(limit: number = perCallLimit) {
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  spend(cost: number): void {
    this.#used += cost;
    if (this.#used > this.#limit) throw new CostLimitExceeded();
  }
}

/** Costs of what is no call. Literals and logical operators cost nothing. */
export const costs = { name: 1, list: 10, map: 30, struct: 40 } as const;

const perCharacter = 0.1;
const perPatternCharacter = 0.25;

/** Of a walk over `size` characters, `times` times. */
export function traversal(size: number, times = 1): number {
  return Math.ceil(size * times * perCharacter);
}

/** Of matching a pattern; one is added so that a long pattern costs something on empty text. */
export function matching(textSize: number, patternSize: number): number {
  return traversal(1 + textSize) * Math.ceil(patternSize * perPatternCharacter);
}

import { CostMeter, type Program, type Value, type Variables } from "../../cel/index.ts";

/** What the expressions of one policy may cost together for one write. */
export const policyBudget = 10_000_000;
/** What the match conditions of one webhook or policy may. */
export const matchConditionsBudget = 2_500_000;

export class BudgetSpent extends Error {
  override readonly name = "BudgetSpent";
  constructor() {
    super("validation failed due to running out of cost budget, no further validation rules will be run");
  }
}

/** Adds up what expressions cost, and ends when that is too much. */
export class CostBudget {
  #left: number;

  constructor(cost: number) {
    this.#left = cost;
  }

  /** Evaluates one expression; throws `BudgetSpent` when it, with those before it, has cost more than there was. */
  run(program: Program, variables: Variables): Value {
    const meter = new CostMeter();
    try {
      return program.evaluate(variables, meter);
    } finally {
      this.#left -= meter.used;
      // biome-ignore lint/correctness/noUnsafeFinally: a spent budget counts more than what the last expression failed with
      if (this.#left < 0) throw new BudgetSpent();
    }
  }
}

import type { BenchClient } from "../client/index.ts";
import { type Measured, measure } from "../measure.ts";

export interface BenchContext {
  readonly pid: number;
  readonly client: BenchClient;
  readonly concurrency: number;
  /** Runs and reports `act` under this name, unless it was not asked for. */
  report(name: string, act: () => Promise<Measured>): Promise<void>;
}

/** A report of `count` operations, as many at once as the run says or `concurrency`. */
export function repeat(
  context: BenchContext,
  name: string,
  count: number,
  operation: (i: number) => Promise<unknown>,
  concurrency = context.concurrency,
): Promise<void> {
  return context.report(name, () => measure(context.pid, count, concurrency, operation));
}

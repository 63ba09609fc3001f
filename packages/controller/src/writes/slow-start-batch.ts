/**
 * Does `count` like things in batches of 1, 2, 4, …, each at once; stops after the first batch in which one fails, so that a
 * quota or a broken template costs a few requests and not thousands. Resolves with how many succeeded; throws the first failure
 * as the cause of an error that has `succeeded`.
 */
export async function slowStartBatch(count: number, one: (index: number) => Promise<unknown>): Promise<number> {
  let succeeded = 0;
  for (let size = 1, from = 0; from < count; from += size, size *= 2) {
    const indexes = Array.from({ length: Math.min(size, count - from) }, (_, i) => from + i);
    const outcomes = await Promise.allSettled(indexes.map(one));
    succeeded += outcomes.filter((outcome) => outcome.status === "fulfilled").length;
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed) throw new BatchFailed(succeeded, count, failed.reason);
  }
  return succeeded;
}

/** Some of a batch were done before one failed; `cause` is the failure. */
export class BatchFailed extends Error {
  override readonly name = "BatchFailed";
  readonly succeeded: number;

  constructor(succeeded: number, wanted: number, cause: unknown) {
    super(`did ${succeeded} of ${wanted}`, { cause });
    this.succeeded = succeeded;
  }
}

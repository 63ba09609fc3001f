import type { MakeStore } from "./suite/fixture.ts";
import { describeRandomOperations } from "./suite/random-operations.ts";
import { describeReads } from "./suite/reads.ts";
import { describeTransactions } from "./suite/transactions.ts";
import { describeWatches } from "./suite/watches.ts";

/** What every store keeps to. `makeStore` opens one for a test; its keys under other prefixes are left alone. */
export function describeStore(name: string, makeStore: MakeStore): void {
  describe(name, () => {
    describeTransactions(makeStore);
    describeReads(makeStore);
    describeWatches(makeStore);
    describeRandomOperations(makeStore);
  });
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { isStoreError } from "../errors.ts";
import { createKey } from "../operations.ts";
import { openStore } from "./index.ts";

describe("openStore", () => {
  it("compacts the store it opens until that is closed", async () => {
    const directory = mkdtempSync(join(tmpdir(), "tskube-store-"));
    const clock = new FakeClock();
    const embedded = { directory, isDurable: false };
    const store = await openStore({ backend: "embedded", embedded, compactionIntervalMs: 60_000 }, { clock });
    const { revision } = await createKey(store, "/a", Buffer.from("1"));
    let failure: unknown;
    // The first interval remembers where the store is, a later one goes back to it.
    for (let interval = 0; interval < 20 && failure === undefined; interval++) {
      await clock.advance(60_000);
      failure = await store.get("/a", { revision: revision - 1 }).then(
        () => undefined,
        (error: unknown) => error,
      );
    }
    expect(isStoreError(failure, "compacted")).to.equal(true);
    await store.close();
    expect(clock.pending).to.equal(0);
    rmSync(directory, { recursive: true, force: true });
  });
});

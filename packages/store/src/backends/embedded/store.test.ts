import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeStore } from "../../testing/describe-store.ts";
import { openEmbeddedStore } from "./store.ts";

describe("embedded store", () => {
  let directory = "";
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "tskube-store-"));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  describeStore("keeps the contract", () =>
    openEmbeddedStore({ directory, watchLimits: { maxEvents: 10_000, maxBytes: 32 * 1024 * 1024 } }),
  );
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { isStoreError } from "../../errors.ts";
import type { StoreEvent, TxnRequest } from "../../store.ts";
import { Committer } from "./committer.ts";
import { openTables, type Tables } from "./tables.ts";
import { writeTxn } from "./write-txn.ts";

const creating = (key: string): TxnRequest => ({
  conditions: [{ key, modRevision: 0 }],
  writes: [{ type: "put", key, value: Buffer.from("1") }],
});

describe("committer", () => {
  let directory = "";
  let tables: Tables;
  let commits: StoreEvent[][] = [];
  let committer: Committer;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "tskube-committer-"));
    tables = openTables(directory, { isDurable: false });
    commits = [];
    committer = new Committer({
      tables,
      freeBytes: async () => Number.POSITIVE_INFINITY,
      onCommit: (events) => commits.push([...events]),
    });
  });
  afterEach(async () => {
    await committer.close();
    await tables.root.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it("puts what arrives together into one commit, each with its own revision", async () => {
    const results = await Promise.all(["a", "b", "c"].map((key) => committer.submit(writeTxn(creating(key), 0))));
    expect(results.map(({ revision }) => revision)).to.deep.equal([2, 3, 4]);
    expect(commits.map((events) => events.map(({ key }) => key))).to.deep.equal([["a", "b", "c"]]);
  });

  it("lets a job see what an earlier one of the same commit did", async () => {
    const [first, second] = await Promise.all([0, 1].map(() => committer.submit(writeTxn(creating("a"), 0))));
    expect([first?.succeeded, second?.succeeded]).to.deep.equal([true, false]);
  });

  it("keeps the others of a commit when one job throws", async () => {
    const broken = committer.submit(() => {
      throw new Error("broken");
    });
    const good = committer.submit(writeTxn(creating("a"), 0));
    expect((await Promise.allSettled([broken, good])).map(({ status }) => status)).to.deep.equal([
      "rejected",
      "fulfilled",
    ]);
  });

  it("refuses work beyond its bound, and after closing", async () => {
    const jobs = Array.from({ length: 10_001 }, () => committer.submit(() => undefined));
    const last = await Promise.allSettled(jobs.slice(-1));
    expect(last[0]?.status === "rejected" && isStoreError(last[0].reason, "unavailable")).to.equal(true);
    await committer.close();
    const late: unknown = await committer.submit(() => undefined).catch((error: unknown) => error);
    expect(isStoreError(late, "closed")).to.equal(true);
  });
});

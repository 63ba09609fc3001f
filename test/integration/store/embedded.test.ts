import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKey, isStoreError, openEmbeddedStore } from "@tskube/store";
import { collectUntil } from "@tskube/store/testing";
import { expect } from "chai";

const writer = join(import.meta.dirname, "embedded-writer.ts");
const prefix = "/registry/crash/";

interface Acknowledged {
  readonly key: string;
  readonly revision: number;
}

/** Lets a process write and kills it in the middle of it; returns what it had been told is stored. */
async function writeUntilKilled(directory: string, afterLines: number): Promise<Acknowledged[]> {
  const child = spawn(process.execPath, ["--import", "tsx", writer, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
    if (output.split("\n").length > afterLines) child.kill("SIGKILL");
  });
  await once(child, "close");
  const lines = output.split("\n").slice(0, -1); // what follows the last line break may be torn
  return lines.map((line) => {
    const [key = "", revision] = line.split(" ");
    return { key, revision: Number(revision) };
  });
}

async function failureOf(act: Promise<unknown>): Promise<unknown> {
  return act.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("embedded store", () => {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "tskube-store-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("has every acknowledged write after its process was killed, again and again", async () => {
    const acknowledged: Acknowledged[] = [];
    let newest = 0;
    for (const afterLines of [1, 500, 3000]) {
      acknowledged.push(...(await writeUntilKilled(directory, afterLines)));
      const store = await openEmbeddedStore({ directory });
      const { items, revision } = await store.range({ prefix });
      const stored = new Map(items.map((item) => [item.key, item]));
      for (const { key, revision: at } of acknowledged) {
        expect(stored.get(key)).to.deep.include({ value: Buffer.from(key), modRevision: at });
      }
      expect(revision).to.be.at.least(Math.max(newest, ...acknowledged.map((one) => one.revision)));
      newest = revision;
      const abort = new AbortController();
      const events = await collectUntil(store.watch({ prefix, fromRevision: 1 }, abort.signal), revision);
      expect(events.map((event) => event.revision)).to.deep.equal(
        items.map((item) => item.modRevision).sort((a, b) => a - b),
      );
      await store.close();
    }
    expect(acknowledged.length).to.be.greaterThan(3000);
  }).timeout(30_000);

  it("is locked while it is open, and free after closing or a crash", async () => {
    const store = await openEmbeddedStore({ directory });
    const failure = await failureOf(openEmbeddedStore({ directory }));
    expect(isStoreError(failure, "locked")).to.equal(true);
    expect(String(failure)).to.contain(`store directory ${directory} is in use`);
    await store.close();

    const child = spawn(process.execPath, ["--import", "tsx", writer, directory], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    expect(isStoreError(await failureOf(openEmbeddedStore({ directory })), "locked")).to.equal(true);
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
    const openings = await Promise.all([0, 1, 2].map(() => openEmbeddedStore({ directory }).catch(() => undefined)));
    const opened = openings.filter((opening) => opening !== undefined);
    expect(opened).to.have.length(1);
    await opened[0]?.close();
  }).timeout(20_000);

  it("says that the disk is full, keeps what it acknowledged, and goes on when there is space", async function () {
    if (process.platform !== "linux" || process.getuid?.() !== 0) this.skip();
    const disk = join(directory, "disk");
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]);
    try {
      let store = await openEmbeddedStore({ directory: join(disk, "store") });
      let written = 0;
      let failure: unknown;
      while (failure === undefined && written < 200) {
        failure = await failureOf(createKey(store, `/full/${written}`, Buffer.alloc(50_000, 1)));
        if (failure === undefined) written++;
      }
      expect(isStoreError(failure, "noSpace")).to.equal(true);
      expect((await store.range({ prefix: "/full/", countOnly: true })).remaining).to.equal(written);
      execFileSync("mount", ["-o", "remount,size=16m", disk]);
      expect((await createKey(store, "/full/later", Buffer.alloc(50_000))).succeeded).to.equal(true);
      await store.close();
      store = await openEmbeddedStore({ directory: join(disk, "store") });
      expect((await store.range({ prefix: "/full/", countOnly: true })).remaining).to.equal(written + 1);
      await store.close();
    } finally {
      execFileSync("umount", [disk]);
    }
  });
});

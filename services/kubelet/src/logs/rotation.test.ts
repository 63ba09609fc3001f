import { appendFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { aContainer, aRuntimePod } from "../testing/runtime-pods.ts";
import { LogRotator } from "./rotation.ts";

describe("log rotation", () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "tskube-rotation-"));
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  function rotator(reopen: () => Promise<void>) {
    const clock = new FakeClock(Date.parse("2030-01-01T00:00:00Z"));
    const logPath = join(dir, "0.log");
    const pods = [aRuntimePod([aContainer("main", { logPath })])];
    const deps = {
      runtime: { reopenContainerLog: reopen },
      view: { pods: () => pods.values() } as never,
      clock,
      logger: silentLogger,
    };
    return { clock, logPath, rotate: new LogRotator(deps, { maxBytes: 4, maxFiles: 3, periodMs: 1 }) };
  }

  it("keeps as many files as it should, the older ones compressed", async () => {
    const { clock, logPath, rotate } = rotator(() => writeFile(join(dir, "0.log"), ""));
    for (let round = 0; round < 4; round++) {
      await appendFile(logPath, "12345");
      await rotate.rotateAll();
      await clock.advance(1000);
    }
    expect((await readdir(dir)).sort()).to.deep.equal(["0.log", "0.log.20300101-000002.gz", "0.log.20300101-000003"]);
  });

  it("leaves small logs alone, and a log whose runtime does not follow", async () => {
    const { logPath, rotate } = rotator(() => Promise.reject(new Error("down")));
    await writeFile(logPath, "123");
    await rotate.rotateAll();
    await appendFile(logPath, "45");
    await rotate.rotateAll();
    expect(await readdir(dir)).to.deep.equal(["0.log"]);
  });
});

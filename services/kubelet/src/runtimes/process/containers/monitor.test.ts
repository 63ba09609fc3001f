import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { deferred } from "../deferred.ts";
import { readFifo } from "../fifo.ts";
import { connectMonitor } from "./monitor.ts";

describe("the monitor of a container", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "tskube-monitor-"));
    execFileSync(
      "mkfifo",
      ["out", "err", "alive", "ack"].map((name) => join(dir, name)),
    );
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it("is lost when it died with its node, also when its last word ends before its output is open", async () => {
    const alive = deferred<void>();
    const link = await connectMonitor(dir, async (path) => {
      if (!path.endsWith("alive")) await alive.promise;
      const socket = await readFifo(path);
      if (path.endsWith("alive")) socket.once("close", () => alive.resolve());
      return socket;
    });
    expect(await link.ended).to.equal("lost");
    for (const stream of Object.values(link.streams)) stream.destroy();
  });

  it("has left its exit code on disk", async () => {
    writeFileSync(join(dir, "exit"), "7\n");
    const link = await connectMonitor(dir);
    expect(await link.ended).to.deep.equal({ exitCode: 7 });
    for (const stream of Object.values(link.streams)) stream.destroy();
  });
});

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readFifo, streamEnd } from "./fifo.ts";

describe("fifo", () => {
  let dir: string;
  let path: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "tskube-fifo-"));
    path = join(dir, "fifo");
    execFileSync("mkfifo", [path]);
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it("ends at once when all writers have gone before it was opened", async () => {
    const socket = await readFifo(path);
    socket.resume();
    await once(socket, "end");
  });

  it("tells of its end also who asks after it", async () => {
    const socket = await readFifo(path);
    await once(socket, "close"); // as while the other FIFOs of a container are still being opened
    await streamEnd(socket);
  });

  it("gives what waits in it, and ends with its last writer", async () => {
    const holder = await open(path, constants.O_RDWR | constants.O_NONBLOCK);
    writeFileSync(path, "waiting\n");
    const socket = await readFifo(path);
    const [chunk] = (await once(socket, "data")) as [Buffer];
    expect(chunk.toString()).to.equal("waiting\n");
    const ended = once(socket, "end");
    await holder.close();
    await ended;
  });
});

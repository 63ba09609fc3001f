import { appendFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { LogOptions } from "./log-options.ts";
import { readLog } from "./read-log.ts";

const line = (second: number, text: string, tag = "F") => `2030-01-01T00:00:0${second}.5Z stdout ${tag} ${text}\n`;
const plain: LogOptions = { follow: false, timestamps: false, previous: false };

describe("reading a container's log", () => {
  let dir: string;
  let path: string;
  let isRunning = false;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "tskube-log-"));
    path = join(dir, "0.log");
    isRunning = false;
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  async function read(options: Partial<LogOptions> = {}): Promise<string> {
    const blocks: Buffer[] = [];
    const log = readLog({ path, isRunning: () => isRunning }, { ...plain, ...options }, new AbortController().signal);
    for await (const block of log) blocks.push(block);
    return Buffer.concat(blocks).toString();
  }

  it("gives the texts, with long lines whole again", async () => {
    await writeFile(path, `${line(1, "one") + line(2, "tw", "P") + line(3, "o")}garbage\n`);
    expect(await read()).to.equal("one\ntwo\n");
  });

  it("gives times, the last lines, lines from a time on and no more bytes than wanted", async () => {
    await writeFile(path, line(1, "one") + line(2, "two") + line(3, "three"));
    expect(await read({ timestamps: true, tailLines: 1 })).to.equal("2030-01-01T00:00:03.5Z three\n");
    expect(await read({ tailLines: 2 })).to.equal("two\nthree\n");
    expect(await read({ tailLines: 0 })).to.equal("");
    expect(await read({ sinceMs: Date.parse("2030-01-01T00:00:02Z") })).to.equal("two\nthree\n");
    expect(await read({ limitBytes: 5 })).to.equal("one\nt");
  });

  it("finds the last lines across blocks", async () => {
    const many = Array.from({ length: 5000 }, (_, index) => line(1, `line ${index}`)).join("");
    await writeFile(path, many);
    expect((await read({ tailLines: 3000 })).split("\n")[0]).to.equal("line 2000");
  });

  it("follows through a rotation until the container has ended", async () => {
    isRunning = true;
    await writeFile(path, line(1, "one"));
    const log = readLog({ path, isRunning: () => isRunning }, { ...plain, follow: true }, new AbortController().signal);
    expect(String((await log.next()).value)).to.equal("one\n");
    const second = log.next();
    await appendFile(path, line(2, "two"));
    expect(String((await second).value)).to.equal("two\n");
    const third = log.next();
    await rename(path, `${path}.rotated`);
    await writeFile(path, line(3, "three"));
    expect(String((await third).value)).to.equal("three\n");
    const end = log.next();
    isRunning = false;
    await appendFile(path, line(4, "four"));
    expect(String((await end).value)).to.equal("four\n");
    expect((await log.next()).done).to.equal(true);
  });
});

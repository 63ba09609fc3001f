import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ContainerLog } from "./container-log.ts";
import { Journal } from "./journal.ts";

const time = "2030-01-01T00:00:00.000000000Z";

describe("container log", () => {
  let dir: string;
  let path: string;
  let log: ContainerLog;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "tskube-log-"));
    path = join(dir, "pod/0.log");
    log = open();
  });
  const open = () =>
    new ContainerLog({ path, journalPath: join(dir, "journal"), now: () => Date.parse("2030-01-01T00:00:00Z") });
  afterEach(() => {
    log.close();
    rmSync(dir, { recursive: true });
  });
  const content = () => readFileSync(path, "utf8");

  it("writes whole lines as entries of their stream", () => {
    log.write("stdout", Buffer.from("one\ntwo\n"));
    log.write("stderr", Buffer.from("\n"));
    expect(content()).to.equal(`${time} stdout F one\n${time} stdout F two\n${time} stderr F \n`);
  });

  it("joins a line that comes in pieces, streams apart", () => {
    log.write("stdout", Buffer.from("he"));
    log.write("stderr", Buffer.from("other\n"));
    log.write("stdout", Buffer.from("llo\n"));
    expect(content()).to.equal(`${time} stderr F other\n${time} stdout F hello\n`);
  });

  it("writes an unfinished line as a part when flushed", () => {
    log.write("stdout", Buffer.from("$ "));
    expect(log.hasUnfinished).to.equal(true);
    log.flush();
    log.write("stdout", Buffer.from("ls\n"));
    expect(content()).to.equal(`${time} stdout P $ \n${time} stdout F ls\n`);
  });

  it("cuts a long line into parts of 16 KiB", () => {
    log.write("stdout", Buffer.from(`${"x".repeat(40_000)}\n`));
    const entries = content()
      .trimEnd()
      .split("\n")
      .map((line) => line.slice(time.length + 8));
    expect(entries.map((entry) => `${entry[0]} ${entry.length - 2}`)).to.deep.equal(["P 16384", "P 16384", "F 7232"]);
  });

  it("holds nothing back from a busy writer", () => {
    log.write("stdout", Buffer.from(`${"line\n".repeat(1_000)}begin`));
    expect(content().endsWith(`${time} stdout P begin\n`)).to.equal(true);
    expect(log.hasUnfinished).to.equal(false);
  });

  it("finishes a write in which its runtime was killed", () => {
    log.write("stdout", Buffer.from("before\n"));
    const { size } = statSync(path);
    const { journal } = Journal.open(join(dir, "journal"));
    journal.begin("stderr", Buffer.from("one\ntwo\n"), size);
    journal.close();
    // A part of it had been written.
    appendFileSync(path, `${time} stderr F one\n`);
    log = open();
    expect(content()).to.equal(`${time} stdout F before\n${time} stderr F one\n${time} stderr F two\n`);
    log = open();
    expect(content().match(/two/g)).to.have.length(1);
  });

  it("keeps every byte as it is", () => {
    const bytes = Buffer.from([0xff, 0x00, 0xc3, 0xa9, 0x0a]);
    log.write("stdout", bytes);
    expect(readFileSync(path).subarray(-5)).to.deep.equal(bytes);
  });

  it("goes on in a new file after rotation", () => {
    log.write("stdout", Buffer.from("old\n"));
    renameSync(path, `${path}.1`);
    log.reopen();
    log.write("stdout", Buffer.from("new\n"));
    expect(content()).to.equal(`${time} stdout F new\n`);
  });
});

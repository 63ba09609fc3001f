import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { rotatingFile } from "./rotating-file.ts";

describe("rotating file", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "tskube-rotating-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const complaints: string[] = [];
  const logger = { ...silentLogger, warn: (_fields: object, message: string) => void complaints.push(message) };
  const nowMs = Date.parse("2026-01-02T15:04:05.678Z");
  const create = (more: object = {}) => {
    const options = {
      path: join(directory, "audit.log"),
      maxBytes: 10,
      maxBackups: 0,
      maxAgeDays: 0,
      compresses: false,
    };
    return rotatingFile({ ...options, ...more }, { clock: new FakeClock(nowMs), logger });
  };
  const read = (name: string) => readFileSync(join(directory, name), "utf8");
  const names = () => readdirSync(directory).sort();

  it("goes on at the end of the file that is there, and only its owner reads it", async () => {
    const first = create();
    await first.write("one\n");
    await first.close();
    const second = create();
    await second.write("two\n");
    await second.close();
    expect(read("audit.log")).to.equal("one\ntwo\n");
    expect(statSync(join(directory, "audit.log")).mode & 0o777).to.equal(0o600);
  });

  it("is moved away under the time before it would grow too large", async () => {
    const file = create();
    await Promise.all([
      file.write("12345\n"),
      file.write("678\n"),
      file.write("next\n"),
      file.write("more than it holds\n"),
    ]);
    await file.close();
    expect(names()).to.deep.equal([
      "audit-2026-01-02T15-04-05.678.log",
      "audit-2026-01-02T15-04-05.679.log",
      "audit.log",
    ]);
    expect(read("audit-2026-01-02T15-04-05.678.log")).to.equal("12345\n678\n");
    expect(read("audit-2026-01-02T15-04-05.679.log")).to.equal("next\n");
    expect(read("audit.log")).to.equal("more than it holds\n");
  });

  it("keeps as many moved files as it may, for as long as it may, and leaves others alone", async () => {
    for (const name of [
      "audit-2026-01-02T15-00-00.000.log",
      "audit-2026-01-02T14-00-00.000.log.gz",
      "audit-2025-01-02T15-00-00.000.log",
      "audit-notes.log",
      "other.log",
    ]) {
      writeFileSync(join(directory, name), "");
    }
    const file = create({ maxBackups: 3, maxAgeDays: 30 });
    await file.write("1234567890");
    await file.write("x");
    await file.close();
    expect(names()).to.deep.equal([
      "audit-2026-01-02T14-00-00.000.log.gz",
      "audit-2026-01-02T15-00-00.000.log",
      "audit-2026-01-02T15-04-05.678.log",
      "audit-notes.log",
      "audit.log",
      "other.log",
    ]);
  });

  it("compresses what it moved away if so asked", async () => {
    const file = create({ compresses: true });
    await file.write("1234567890");
    await file.write("x");
    await file.close();
    expect(names()).to.deep.equal(["audit-2026-01-02T15-04-05.678.log.gz", "audit.log"]);
    const bytes = readFileSync(join(directory, "audit-2026-01-02T15-04-05.678.log.gz"));
    expect(gunzipSync(bytes).toString()).to.equal("1234567890");
  });

  it("loses nothing when it cannot clean up", async () => {
    mkdirSync(join(directory, "audit-2026-01-01T00-00-00.000.log"));
    const file = create({ maxBackups: 1 });
    await file.write("1234567890");
    await file.write("x");
    await file.close();
    expect(read("audit.log")).to.equal("x");
    expect(complaints).to.deep.equal(["cannot clean up rotated audit logs"]);
  });

  it("tells who writes when it cannot, and tries again with the next text", async () => {
    writeFileSync(join(directory, "folder"), "");
    const file = create({ path: join(directory, "folder", "audit.log") });
    const failed = await file.write("x").catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(Error);
    rmSync(join(directory, "folder"));
    await file.write("y");
    await file.close();
    expect(read(join("folder", "audit.log"))).to.equal("y");
  });
});

import { mkdtemp, readdir, readFile, readlink, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { writePayload } from "./atomic-writer.ts";

const options = { nowMs: Date.parse("2030-01-01T00:00:00Z") };
const payload = (files: Record<string, string>) =>
  new Map(Object.entries(files).map(([path, text]) => [path, { data: Buffer.from(text), mode: 0o640 }]));

describe("atomic writer", () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "tskube-atomic-"));
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  it("writes files behind a link that is switched at once", async () => {
    expect(await writePayload(dir, payload({ a: "1", "deep/b": "2" }), options)).to.equal(true);
    expect(await readFile(join(dir, "a"), "utf8")).to.equal("1");
    expect(await readFile(join(dir, "deep", "b"), "utf8")).to.equal("2");
    expect(await readlink(join(dir, "a"))).to.equal("..data/a");
    expect(await readlink(join(dir, "..data"))).to.match(/^\.\.2030_01_01_00_00_00\./);
    expect((await stat(join(dir, "a"))).mode & 0o777).to.equal(0o640);
  });

  it("changes nothing when nothing differs, and leaves no former version when something does", async () => {
    await writePayload(dir, payload({ a: "1", gone: "x" }), options);
    const before = await readlink(join(dir, "..data"));
    expect(await writePayload(dir, payload({ a: "1", gone: "x" }), options)).to.equal(false);
    expect(await readlink(join(dir, "..data"))).to.equal(before);
    expect(await writePayload(dir, payload({ a: "2" }), options)).to.equal(true);
    expect((await readdir(dir)).sort()).to.deep.equal([await readlink(join(dir, "..data")), "..data", "a"].sort());
    expect(await readFile(join(dir, "a"), "utf8")).to.equal("2");
  });

  it("refuses paths that lead out of the volume", async () => {
    for (const path of ["../a", "/a", "a/../../b", "..a", ""]) {
      const refusal = await writePayload(dir, payload({ [path]: "x" }), options).catch((error: Error) => error.message);
      expect(refusal).to.match(/^invalid path/);
    }
  });
});

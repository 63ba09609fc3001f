import { readlinkSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { bindSubPath } from "./sub-path.ts";

describe("subPath of a volume", () => {
  let dir: string;
  let bound: string[];

  /** Notes what would be bound, by its real path. */
  const mounter = {
    mountTmpfs: async () => {},
    bind: async (source: string) => void bound.push(readlinkSync(source)),
    unmountTree: async () => {},
    isMounted: async () => false,
  };

  beforeEach(async () => {
    dir = await realpath(await mkdtemp(join(tmpdir(), "tskube-subpath-")));
    await mkdir(join(dir, "volume"));
    bound = [];
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  const bind = (subPath: string) => bindSubPath(mounter, join(dir, "volume"), subPath, join(dir, "target"));
  const refusal = (subPath: string) =>
    bind(subPath).then(
      () => "none",
      (error: Error) => error.message,
    );

  it("is made if it does not exist, and bound", async () => {
    expect(await bind("a/b")).to.equal(join(dir, "target"));
    expect(bound).to.deep.equal([join(dir, "volume", "a", "b")]);
    expect((await stat(join(dir, "target"))).isDirectory()).to.equal(true);
  });

  it("may be a file", async () => {
    await writeFile(join(dir, "volume", "file"), "x");
    await bind("file");
    expect((await stat(join(dir, "target"))).isFile()).to.equal(true);
  });

  it("may go through links within the volume", async () => {
    await mkdir(join(dir, "volume", "real"));
    await symlink("real", join(dir, "volume", "link"));
    await bind("link/part");
    expect(bound).to.deep.equal([join(dir, "volume", "real", "part")]);
  });

  it("must not leave the volume", async () => {
    await symlink("/etc", join(dir, "volume", "etc"));
    await symlink("../..", join(dir, "volume", "up"));
    expect(await refusal("etc")).to.match(/not within volume path/);
    expect(await refusal("etc/new")).to.match(/not within volume path/);
    expect(await refusal("up/other")).to.match(/not within volume path/);
    expect(await refusal("../a")).to.equal("subPath must not contain '..': ../a");
    expect(await refusal("/a")).to.equal("subPath must not be an absolute path: /a");
    expect(bound).to.deep.equal([]);
  });
});

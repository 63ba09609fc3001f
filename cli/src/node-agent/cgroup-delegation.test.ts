import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { delegateCgroup } from "./cgroup-delegation.ts";

describe("cgroup of a worker's container", () => {
  let mountPoint: string;
  beforeEach(() => {
    mountPoint = mkdtempSync(join(tmpdir(), "tskube-cgroup-"));
  });
  afterEach(() => rmSync(mountPoint, { recursive: true }));

  it("hands all controllers on once its processes have left for a leaf (v2)", () => {
    writeFileSync(join(mountPoint, "cgroup.controllers"), "cpu memory pids\n");
    writeFileSync(join(mountPoint, "cgroup.procs"), "1\n");
    delegateCgroup(mountPoint);
    expect(readFileSync(join(mountPoint, "tskube-system", "cgroup.procs"), "utf8")).to.equal("1");
    expect(readFileSync(join(mountPoint, "cgroup.subtree_control"), "utf8")).to.equal("+cpu +memory +pids");
  });

  it("stays as it is where there are hierarchies (v1)", () => {
    delegateCgroup(mountPoint);
    expect(readdirSync(mountPoint)).to.deep.equal([]);
  });
});

import { expect } from "chai";
import { mountsBelow } from "./mounts.ts";

const mountInfo = [
  "21 1 8:1 / / rw - ext4 /dev/vda rw",
  "30 21 0:20 / /var/lib/tskube/a rw - tmpfs tmpfs rw",
  "31 30 0:21 / /var/lib/tskube/a/nodes/with\\040space rw - tmpfs tmpfs rw",
  "32 21 0:22 / /var/lib/tskube/ab rw - tmpfs tmpfs rw",
  "",
].join("\n");

describe("mounts", () => {
  it("lists those below a folder deepest first and undoes the kernel's escapes", () => {
    expect(mountsBelow("/var/lib/tskube/a", mountInfo)).to.deep.equal([
      "/var/lib/tskube/a/nodes/with space",
      "/var/lib/tskube/a",
    ]);
  });
});

import { expect } from "chai";
import { hasMountsBelow, lockedFlags, parseMountInfo } from "./mount-flags.ts";

const mounts = parseMountInfo(
  [
    "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw",
    "23 22 0:5 / /tmp rw,nosuid,nodev - tmpfs tmpfs rw",
    "24 22 0:6 / /mnt/my\\040disk ro,noexec,relatime - ext4 /dev/vdb ro",
    "",
  ].join("\n"),
);

describe("flags of the node's mounts", () => {
  it("are those of the deepest mount that holds the path", () => {
    expect(lockedFlags("/tmp/pods/volume", mounts)).to.deep.equal(["nosuid", "nodev"]);
    expect(lockedFlags("/mnt/my disk/file", mounts)).to.deep.equal(["ro", "noexec"]);
  });

  it("are none for a path whose name only begins like a mount's", () => {
    expect(lockedFlags("/tmpfiles", mounts)).to.deep.equal([]);
  });

  it("tell which directories have mounts in them", () => {
    expect(hasMountsBelow("/mnt", mounts)).to.equal(true);
    expect(hasMountsBelow("/tmp", mounts)).to.equal(false);
  });
});

import { expect } from "chai";
import { packageClosure, parsePackages } from "../../framework/engine/installed-packages.ts";

const listing = [
  "base\tyes\t\t, \tinstalled",
  "etcd-server\tno\t\t, libc6 (>= 2.34), awk | perl\tinstalled",
  "libc6\tno\t\t, libgcc-s1\tinstalled",
  "libgcc-s1\tno\t\tgcc-base (= 1), libc6:any\tinstalled",
  "gcc-base\tno\t\t, \tinstalled",
  "mawk\tno\tawk\t, \tinstalled",
  "perl\tno\t\t, \tconfig-files",
  "unrelated\tno\t\t, \tinstalled",
  "",
].join("\n");

describe("installed packages", () => {
  it("are followed through versions, cycles, alternatives and what others provide", () => {
    expect([...packageClosure(parsePackages(listing), ["etcd-server"])].sort()).to.deep.equal([
      "base",
      "etcd-server",
      "gcc-base",
      "libc6",
      "libgcc-s1",
      "mawk",
    ]);
  });

  it("are named when they are missing, those that were removed included", () => {
    expect(() => packageClosure(parsePackages(listing), ["perl", "tini"])).to.throw("not installed: perl tini");
  });
});

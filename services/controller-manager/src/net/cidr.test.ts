import { expect } from "chai";
import { formatCidr, overlaps, parseCidr } from "./cidr.ts";

const cidr = (text: string) => parseCidr(text) ?? expect.fail(`${text} is no CIDR`);

describe("ranges of addresses", () => {
  it("are read and written in both families, with host bits cleared", () => {
    expect(formatCidr(cidr("10.244.3.7/24"))).to.equal("10.244.3.0/24");
    expect(formatCidr(cidr("fd00:10::1:0:0:7/64"))).to.equal("fd00:10::/64");
    expect(formatCidr(cidr("::ffff:10.0.0.1/128"))).to.equal("::ffff:a00:1/128");
  });

  it("are not read from other text", () => {
    for (const text of ["10.0.0.0", "10.0.0.0/33", "nope/8", "10.0.0/8", ""])
      expect(parseCidr(text), text).to.equal(undefined);
  });

  it("overlap when one holds the other", () => {
    expect(overlaps(cidr("10.244.0.0/16"), cidr("10.244.9.0/24"))).to.equal(true);
    expect(overlaps(cidr("10.244.9.0/24"), cidr("10.244.0.0/16"))).to.equal(true);
    expect(overlaps(cidr("10.244.0.0/24"), cidr("10.244.1.0/24"))).to.equal(false);
    expect(overlaps(cidr("0.0.0.0/0"), cidr("::/0"))).to.equal(false);
  });
});

import { expect } from "chai";
import { addressAt, offsetOf, parseIpv4Range } from "./ipv4-range.ts";
import { Pool } from "./pool.ts";

describe("Pool", () => {
  it("keeps the low numbers for those who ask for them", () => {
    const pool = new Pool(32, () => 0);
    expect(pool.pick()).to.equal(16);
    for (let number = 16; number < 32; number++) pool.take(number);
    expect(pool.pick()).to.equal(0);
  });

  it("gives out every number once and then none", () => {
    const pool = new Pool(20, () => 0.99);
    const given = new Set<number>();
    for (let number = pool.pick(); number !== undefined; number = pool.pick()) {
      pool.take(number);
      given.add(number);
    }
    expect(given.size).to.equal(20);
  });

  it("frees a number only when its last user lets go", () => {
    const pool = new Pool(10, () => 0);
    pool.take(3);
    pool.take(3);
    pool.release(3);
    expect(pool.isTaken(3)).to.equal(true);
    pool.release(3);
    expect(pool.isTaken(3)).to.equal(false);
  });

  it("does not pick what another server claimed", () => {
    const pool = new Pool(2, () => 0);
    pool.claim(0);
    expect(pool.pick()).to.equal(1);
    expect(pool.pick(new Set([1]))).to.equal(undefined);
  });
});

describe("Ipv4Range", () => {
  const range = parseIpv4Range("10.96.0.0/16");
  it("begins after the network's own address and ends before broadcast", () => {
    expect(addressAt(range, 0)).to.equal("10.96.0.1");
    expect(addressAt(range, range.size - 1)).to.equal("10.96.255.254");
    expect(offsetOf(range, "10.96.0.0")).to.equal(undefined);
    expect(offsetOf(range, "10.96.255.255")).to.equal(undefined);
    expect(offsetOf(range, "10.96.1.0")).to.equal(255);
    expect(offsetOf(range, "10.97.0.1")).to.equal(undefined);
  });

  for (const text of ["10.96.0.0", "fd00::/108", "10.96.0.0/31", "x/16"]) {
    it(`refuses ${text}`, () => expect(() => parseIpv4Range(text)).to.throw("must be an IPv4 network"));
  }
});

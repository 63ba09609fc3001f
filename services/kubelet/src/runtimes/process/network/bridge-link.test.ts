import { expect } from "chai";
import { bridgeLines } from "./bridge-link.ts";
import { parseCidr } from "./cidr.ts";

const cidr = parseCidr("10.244.1.0/24");
const asWanted = { hardwareAddress: "0a:58:0a:f4:01:01", isUp: true, addresses: ["10.244.1.1/24"] };

describe("the bridge of a node's pods", () => {
  it("is made when there is none", () => {
    expect(bridgeLines("cni0", cidr, undefined)).to.deep.equal([
      "link add cni0 type bridge",
      "link set cni0 address 0a:58:0a:f4:01:01",
      "link set cni0 up",
      "addr add 10.244.1.1/24 broadcast + dev cni0",
    ]);
  });

  it("is left alone by a runtime that starts again, for traffic goes through it", () => {
    expect(bridgeLines("cni0", cidr, asWanted)).to.deep.equal([]);
  });

  it("gets the address of another pod network before it loses the old one", () => {
    expect(bridgeLines("cni0", parseCidr("10.244.7.0/24"), asWanted)).to.deep.equal([
      "link set cni0 address 0a:58:0a:f4:07:01",
      "addr add 10.244.7.1/24 broadcast + dev cni0",
      "addr del 10.244.1.1/24 dev cni0",
    ]);
  });

  it("is finished when an earlier start was interrupted", () => {
    expect(
      bridgeLines("cni0", cidr, { hardwareAddress: "5e:00:00:00:00:01", isUp: false, addresses: [] }),
    ).to.deep.equal([
      "link set cni0 address 0a:58:0a:f4:01:01",
      "link set cni0 up",
      "addr add 10.244.1.1/24 broadcast + dev cni0",
    ]);
  });
});

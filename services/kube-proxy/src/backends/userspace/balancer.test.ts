import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { Balancer } from "./balancer.ts";

const endpoint = (port: number) => ({ address: "127.0.0.1", port, isLocal: true });

describe("balancer", () => {
  it("takes endpoints in turn and has none without endpoints", () => {
    const balancer = new Balancer(new FakeClock());
    expect(balancer.pick("c")).to.equal(undefined);
    balancer.update([endpoint(1), endpoint(2)], undefined);
    const ports = [1, 2, 3, 4].map(() => balancer.pick("c")?.port);
    expect(ports.filter((port) => port === 1)).to.have.length(2);
  });

  it("keeps a client with its endpoint until it was silent too long or the endpoint has gone", async () => {
    const clock = new FakeClock();
    const balancer = new Balancer(clock);
    balancer.update([endpoint(1), endpoint(2)], 10);
    const first = balancer.pick("c");
    await clock.advance(9_000);
    expect(balancer.pick("c")).to.equal(first);
    await clock.advance(9_000);
    expect(balancer.pick("c")).to.equal(first);
    balancer.update([endpoint(3)], 10);
    expect(balancer.pick("c")?.port).to.equal(3);
  });
});

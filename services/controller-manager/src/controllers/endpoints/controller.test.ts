import type { Endpoints } from "@tskube/api";
import { kinds } from "@tskube/client";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { aPod, aService } from "../../testing/objects.ts";
import { endpointsController } from "./controller.ts";
import { truncate } from "./subsets.ts";

describe("the endpoints controller", () => {
  let t: ControllerTest;
  beforeEach(() => {
    t = controllerTest();
  });
  afterEach(() => t.stop());

  const endpoints = () => t.api.store.list(kinds.Endpoints).map((one) => one as unknown as Endpoints);

  it("writes addresses in order, those not ready apart", async () => {
    t.api.seed("Service", aService());
    for (const n of [2, 1, 3]) t.api.seed("Pod", aPod(`p${n}`, { ip: `10.244.0.${n}`, ready: n !== 3 }));
    await t.start(endpointsController(1));
    const [subset] = endpoints()[0]?.subsets ?? [];
    expect(subset?.addresses?.map(({ ip }) => ip)).to.deep.equal(["10.244.0.1", "10.244.0.2"]);
    expect(subset?.notReadyAddresses?.map(({ ip }) => ip)).to.deep.equal(["10.244.0.3"]);
    expect(subset?.ports).to.deep.equal([{ port: 8080, protocol: "TCP" }]);
  });

  it("goes with its service", async () => {
    t.api.seed("Service", aService());
    await t.start(endpointsController(1));
    expect(endpoints()).to.have.length(1);
    await t.deps.client.services("default").delete("web");
    await t.settle();
    expect(endpoints()).to.have.length(0);
  });

  it("holds a thousand addresses at most, ready ones first", () => {
    const many = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => ({ ip: `10.${from}.${n >> 8}.${n & 255}` }));
    const { subsets, wasTruncated } = truncate([
      { addresses: many(0, 900), notReadyAddresses: many(1, 300), ports: [] },
    ]);
    expect(wasTruncated).to.equal(true);
    expect(subsets[0]?.addresses).to.have.length(900);
    expect(subsets[0]?.notReadyAddresses).to.have.length(100);
  });
});

import { type KubeObject, normalize, resources, setDefaults, typeNameOf } from "@tskube/api";
import { arbitraryValue } from "@tskube/api/testing";
import { formatGroupResource } from "@tskube/apimachinery";
import { expect } from "chai";
import fc from "fast-check";
import { cellsAt } from "../http/table-columns.ts";
import { ServicePools } from "./core/service/pools.ts";
import { createStrategies } from "./index.ts";

const runsOfEach = 25;
const nowMs = Date.parse("2026-01-01T00:00:00Z");

describe("the strategies of all kinds", () => {
  const clock = { now: () => nowMs };
  const servicePools = new ServicePools(
    { clusterIpRange: "10.0.0.0/24", nodePorts: { first: 30_000, last: 30_010 } },
    () => 0,
  );
  const strategies = createStrategies({ clock, eventTtlSeconds: 1, servicePools, allowsLoopbackEndpoints: false });
  const served = resources.all().filter(({ servedByDefault }) => servedByDefault);

  it("are of kinds that there are", () => {
    const names = new Set(resources.all().map(formatGroupResource));
    expect(Object.keys(strategies).filter((name) => !names.has(name))).to.deep.equal([]);
  });

  for (const info of served) {
    const strategy = strategies[formatGroupResource(info)];
    const type = typeNameOf(info);
    const { group = "", version = "" } = info.storage ?? {};
    if (!strategy || !type || group !== info.group || version !== info.version) continue;
    it(`take whatever ${formatGroupResource(info)} may hold`, () => {
      fc.assert(
        fc.property(arbitraryValue(type), arbitraryValue(type), (value, other) => {
          const [object, old] = [value, other].map((one) => {
            const made = normalize(type, { ...(one as object), metadata: { name: "x", namespace: "default" } });
            setDefaults(info, made);
            return made as unknown as KubeObject;
          }) as [KubeObject, KubeObject];
          strategy.prepareForCreate?.(object);
          strategy.allocate?.(object, undefined);
          const errors = strategy.validate?.(object) ?? [];
          strategy.warnings?.(object, undefined);
          // Only what is right is ever stored and shown.
          if (errors.length === 0) cellsAt(strategy.columns?.cells(object) ?? [], nowMs);
          for (const read of Object.values(strategy.selectableFields ?? {})) read(object);
          strategy.prepareForUpdate?.(object, old);
          strategy.validateUpdate?.(object, old);
          strategy.status?.prepareForUpdate?.(object, old);
          strategy.status?.validateUpdate?.(object, old);
          strategy.warnings?.(object, old);
        }),
        { numRuns: runsOfEach },
      );
    });
  }
});

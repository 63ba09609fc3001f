import type { FlowSchema } from "@tskube/api";
import { expect } from "chai";
import { validateFlowSchema } from "../../kinds/flowcontrol/validate-flow-schema.ts";
import { validatePriorityLevel } from "../../kinds/flowcontrol/validate-priority-level.ts";
import { autoUpdateAnnotation } from "./builders.ts";
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from "./mandatory-objects.ts";
import { isObsolete, planObject } from "./plan-object.ts";
import { suggestedFlowSchemas, suggestedPriorityLevels } from "./suggested-objects.ts";

const [wanted] = suggestedFlowSchemas as readonly [FlowSchema];
const present = (annotation: string | undefined, generation: number, precedence = 7): FlowSchema => ({
  ...wanted,
  metadata: {
    name: wanted.metadata.name,
    generation,
    ...(annotation !== undefined && { annotations: { [autoUpdateAnnotation]: annotation } }),
  },
  spec: { ...wanted.spec, matchingPrecedence: precedence },
});

describe("flow control's own objects", () => {
  it("are valid", () => {
    for (const schema of [...mandatoryFlowSchemas, ...suggestedFlowSchemas]) {
      expect(validateFlowSchema(schema), schema.metadata.name).to.deep.equal([]);
    }
    for (const level of [...mandatoryPriorityLevels, ...suggestedPriorityLevels]) {
      expect(validatePriorityLevel(level), level.metadata.name).to.deep.equal([]);
    }
  });

  const plans: [what: string, annotation: string | undefined, generation: number, precedence: number][] = [
    ["is set right while it may be", "true", 5, 500],
    ["is set right when nobody ever changed it", undefined, 1, 500],
    ["is the operator's when it was changed", undefined, 2, 7],
  ];
  for (const [what, annotation, generation, precedence] of plans) {
    it(`a suggested one ${what}`, () => {
      const plan = planObject(present(annotation, generation), wanted, false);
      expect(plan?.spec.matchingPrecedence).to.equal(precedence);
      expect(plan?.metadata.annotations?.[autoUpdateAnnotation]).to.equal(String(precedence === 500));
    });
  }

  it("a suggested one stays as an operator has it", () => {
    expect(planObject(present("false", 9), wanted, false)).to.equal(undefined);
    expect(planObject(present("true", 9, 500), wanted, false)).to.equal(undefined);
  });

  it("mandatory ones are set right whatever they say, but for what the exempt level shares", () => {
    const [exempt] = mandatoryPriorityLevels as readonly [(typeof mandatoryPriorityLevels)[0]];
    const shares = { nominalConcurrencyShares: 5, lendablePercent: 50 };
    const changed: typeof exempt = {
      ...exempt,
      metadata: { name: "exempt", generation: 3 },
      spec: { type: "Exempt", exempt: shares },
    };
    const plan = planObject(changed, exempt, true);
    expect(plan?.metadata.annotations).to.deep.equal({ [autoUpdateAnnotation]: "true" });
    expect(plan?.spec).to.deep.equal({ type: "Exempt", exempt: shares });
  });

  it("of an older server go, those of operators stay", () => {
    const names = new Set(["system"]);
    expect(
      isObsolete({ ...present("true", 1), metadata: { ...present("true", 1).metadata, name: "old" } }, names),
    ).to.equal(true);
    expect(
      isObsolete({ ...present("false", 1), metadata: { ...present("false", 1).metadata, name: "own" } }, names),
    ).to.equal(false);
  });
});

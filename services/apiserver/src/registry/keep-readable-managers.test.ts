import type { KubeObject } from "@tskube/api";
import { expect } from "chai";
import { keepReadableManagers } from "./keep-readable-managers.ts";

const entry = (manager: string, operation: string) => ({
  manager,
  operation,
  apiVersion: "v1",
  fieldsType: "FieldsV1",
});

function kept(before: object[] | undefined, after: object[] | undefined) {
  const metadata = { name: "a", ...(after && { managedFields: after }) };
  const object = { apiVersion: "v1", kind: "Pod", metadata } as unknown as KubeObject;
  const warnings: string[] = [];
  keepReadableManagers(object, before as never, (message) => warnings.push(message));
  return { managers: object.metadata.managedFields?.map(({ manager }) => manager), warnings };
}

describe("field managers after admission", () => {
  it("are what admission has made of them", () => {
    expect(kept([entry("a", "Update")], [entry("b", "Apply")])).to.deep.equal({ managers: ["b"], warnings: [] });
    expect(kept([entry("a", "Update")], undefined)).to.deep.equal({ managers: undefined, warnings: [] });
  });

  it("are those of before when they cannot be read any more", () => {
    const { managers, warnings } = kept([entry("a", "Update")], [entry("b", "Steal")]);
    expect(managers).to.deep.equal(["a"]);
    expect(warnings[0])
      .to.contain("was in an invalid state after admission")
      .and.to.contain("must be `Apply` or `Update`");
  });
});

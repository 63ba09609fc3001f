import { expect } from "chai";
import { collectDescriptions } from "./descriptions.ts";
import { readSchemas } from "./schemas.ts";

describe("descriptions of the API", () => {
  const root = new URL("../../", import.meta.url).pathname;
  const descriptions = collectDescriptions(
    readSchemas(`${root}packages/api/schema`),
    `${root}node_modules/@kubernetes/client-node/dist/gen/models`,
  );

  it("are found in models that import others and in those that do not", () => {
    for (const [type, field, beginning] of [
      ["core/v1.Pod", "", "Pod is a collection of containers"],
      ["apps/v1.DeploymentCondition", "", "DeploymentCondition describes the state"],
      ["apps/v1.DeploymentCondition", "message", "A human readable message"],
      ["core/v1.NamespaceSpec", "finalizers", "Finalizers is an opaque list"],
    ] as const) {
      expect(descriptions[type]?.[field], `${type} ${field}`).to.match(new RegExp(`^${beginning}`));
    }
  });

  it("have nothing of the files' headers", () => {
    const texts = Object.values(descriptions).flatMap((fields) => Object.values(fields));
    expect(texts.filter((text) => text.includes("OpenAPI Generator"))).to.deep.equal([]);
  });
});

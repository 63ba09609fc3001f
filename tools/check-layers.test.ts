import { expect } from "chai";
import { brokenRule, importsOf } from "./check-layers.ts";

const rules = { "packages/base": [], "packages/client": ["base"], "services/kubelet": ["client"], test: ["*"] };

describe("layer check", () => {
  it("finds static, side-effect, re-exporting and dynamic imports", () => {
    const source = `import a from "one";\nimport "two";\nexport { b } from "three";\nconst c = await import("four");\nimport {\n d,\n} from "five";`;
    expect(importsOf(source)).to.deep.equal(["one", "two", "three", "four", "five"]);
  });

  const cases: Array<[what: string, file: string, module: string, isAllowed: boolean]> = [
    ["an arrow in the table", "packages/client/src/a.ts", "@tskube/base", true],
    ["an arrow not in the table", "packages/base/src/a.ts", "@tskube/client", false],
    ["a path into another package", "services/kubelet/src/a.ts", "../../../packages/client/src/x.ts", false],
    ["a path inside the package", "services/kubelet/src/a.ts", "./pods/x.ts", true],
    ["a package's own door", "packages/client/src/a.ts", "@tskube/client", false],
    ["fakes in a test", "services/kubelet/src/a.test.ts", "@tskube/client/testing", true],
    ["fakes outside a test", "services/kubelet/src/a.ts", "@tskube/client/testing", false],
    ["anything from test/", "test/e2e/a.ts", "@tskube/client/testing", true],
    ["a package of others", "packages/base/src/a.ts", "pino", true],
  ];
  for (const [what, file, module, isAllowed] of cases) {
    it(`${isAllowed ? "allows" : "refuses"} ${what}`, () => {
      expect(brokenRule(rules, file, module) === undefined).to.equal(isAllowed);
    });
  }
});

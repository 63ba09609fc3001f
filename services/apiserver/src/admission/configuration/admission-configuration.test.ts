import { expect } from "chai";
import { listOf, text } from "../../configuration/shape.ts";
import { pluginConfiguration, readAdmissionConfiguration } from "./admission-configuration.ts";

const main = `
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: Inline
  configuration: { apiVersion: test/v1, kind: Own, names: [a, b] }
- name: ByPath
  path: other.yaml
`;
const files: Readonly<Record<string, string>> = {
  "/etc/k/main.yaml": main,
  "/etc/k/other.yaml": "apiVersion: test/v1\nkind: Own\nnames: [c]\n",
};

const own = { apiVersions: ["test/v1"], kind: "Own", fields: { names: listOf(text) } };
const read = (texts = files) => readAdmissionConfiguration("/etc/k/main.yaml", (path) => texts[path] ?? "");

describe("the configuration of admission plugins", () => {
  it("stands in the file or in files that it names", () => {
    expect(pluginConfiguration(read(), "Inline", own)?.names).to.deep.equal(["a", "b"]);
    expect(pluginConfiguration(read(), "ByPath", own)?.names).to.deep.equal(["c"]);
    expect(pluginConfiguration(read(), "Other", own)).to.equal(undefined);
  });

  it("is refused when it is of another kind, or has fields that the kind does not have", () => {
    const of = (configuration: string) =>
      pluginConfiguration(
        read({ "/etc/k/main.yaml": main.replace(/\{ apiVersion.*\}/, configuration) }),
        "Inline",
        own,
      );
    expect(() => of("{ apiVersion: test/v2, kind: Own }")).to.throw(
      'couldn\'t init admission plugin "Inline": no kind "Own" is registered for version "test/v2"',
    );
    expect(() => of("{ apiVersion: test/v1, kind: Own, nmaes: [] }")).to.throw('unknown field "nmaes"');
  });
});

import { expect } from "chai";
import { FactsIndex, type GroupFacts } from "./facts.ts";
import { indexText } from "./index-file.ts";
import { type SchemaFile, schemasFrom } from "./schemas.ts";
import { transcribe } from "./transcribe.ts";
import { typesText, valuesName } from "./types-file.ts";

const meta: GroupFacts = {
  group: "meta.k8s.io",
  version: "v1",
  types: {
    ObjectMeta: { fields: [{ go: "Name", type: "string", json: "name", omitempty: true, proto: 1 }] },
    Time: { fields: [{ go: "Time", type: "time.Time" }] },
  },
  enums: {},
  proto: {},
};

const example: GroupFacts = {
  group: "example.com",
  version: "v1",
  types: {
    Phase: { alias: "string", enum: true },
    Named: { fields: [{ go: "Name", type: "string", json: "name", proto: 1 }] },
    Thing: {
      fields: [
        { go: "TypeMeta", type: "metav1.TypeMeta", json: "", inline: true },
        { go: "ObjectMeta", type: "metav1.ObjectMeta", json: "metadata", omitempty: true, proto: 1 },
        { go: "Spec", type: "ThingSpec", json: "spec", omitempty: true, proto: 2 },
      ],
    },
    ThingSpec: {
      fields: [
        { go: "Named", type: "Named", json: "", inline: true, proto: 1 },
        { go: "Replicas", type: "*int32", json: "replicas", omitempty: true, proto: 2, default: "1" },
        { go: "Phase", type: "Phase", json: "phase", proto: 3 },
        { go: "At", type: "metav1.Time", json: "at", omitempty: true, proto: 4 },
        { go: "Parts", type: "[]Named", json: "parts", proto: 5, listType: "map", listMapKeys: ["name"] },
        { go: "Hidden", type: "string", json: "-" },
      ],
    },
  },
  enums: { Phase: ["On", "Off"] },
  proto: { ThingSpec: [["named", 1, "Named"]] },
};

const index = new FactsIndex([meta, example]);
const files = [meta, example].map((facts) => JSON.parse(transcribe(facts, index)) as SchemaFile);
const schemas = schemasFrom(files);
const thing = schemas.find(({ groupVersion }) => groupVersion === "example.com/v1");

describe("transcribe", () => {
  it("writes one line per field in our words", () => {
    expect(files[1]?.types["ThingSpec"]?.fields).to.deep.equal({
      named: "1 Named inline",
      replicas: "2 *int32 omit default=1",
      phase: "3 string:Phase",
      at: "4 Time omit",
      parts: "5 []Named list=map by=name",
    });
  });

  it("marks kinds and leaves out types that are one value in JSON", () => {
    expect(files[1]?.types["Thing"]).to.include({ kind: true });
    expect(files[0]?.types).to.have.all.keys("ObjectMeta");
  });

  it("fails on a type that nobody declares", () => {
    const fields = [{ go: "X", type: "Nowhere", json: "x", proto: 1 }];
    const broken = { ...example, types: { ...example.types, Broken: { fields } } };
    expect(() => transcribe(broken, new FactsIndex([meta, broken]))).to.throw("cannot resolve Nowhere");
  });
});

describe("typesText", () => {
  const text = thing ? typesText(thing) : "";

  it("gives kinds their literals and required parts", () => {
    expect(text).to.include(
      'export interface Thing {\n  apiVersion: "example.com/v1";\n  kind: "Thing";\n  metadata: ObjectMeta;\n  spec: ThingSpec;\n}',
    );
    expect(text).to.include('import type { ObjectMeta } from "../meta/v1.ts";');
  });

  it("requires what Go always writes, and flattens what it inlines", () => {
    expect(text).to.include(
      "export interface ThingSpec extends Named {\n  replicas?: number | undefined;\n  phase: string;\n  at?: string | undefined;\n  parts: Named[];\n}",
    );
  });

  it("exports the known values of a text", () => {
    expect(text).to.include('export const phaseValues = ["On","Off"] as const;');
    expect(valuesName("DNSPolicy")).to.equal("dnsPolicyValues");
  });
});

describe("indexText", () => {
  it("gives a name to the group version that claims it first, kinds before others", () => {
    const file = (group: string, kind: boolean): SchemaFile => ({
      group,
      version: "v1",
      strings: {},
      types: { Claim: { kind, fields: {} } },
    });
    const text = indexText(schemasFrom([file("", false), file("resource.k8s.io", true)]));
    expect(text).to.include('export type {\n  Claim,\n} from "./resource.k8s.io/v1.ts";');
    expect(text).to.not.include('} from "./core/v1.ts";');
    expect(text).to.include('export * as resourceV1 from "./resource.k8s.io/v1.ts";');
  });
});

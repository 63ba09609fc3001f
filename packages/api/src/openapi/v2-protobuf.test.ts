import { expect } from "chai";
import { WireReader } from "../codec/protobuf/reader.ts";
import { encodeOpenapiV2, openapiV2 } from "./index.ts";

/** The fields of a message by number; each as its bytes, or as a number. */
function fieldsOf(message: Buffer): Map<number, (Buffer | number)[]> {
  const fields = new Map<number, (Buffer | number)[]>();
  for (const reader = new WireReader(message); !reader.isDone; ) {
    const tag = reader.uint32();
    const value = (tag & 7) === 2 ? reader.bytes() : (tag & 7) === 1 ? reader.double() : reader.int64();
    fields.set(tag >>> 3, [...(fields.get(tag >>> 3) ?? []), value]);
  }
  return fields;
}

/** The message under a path of field numbers, the first of each. */
function at(message: Buffer, ...numbers: number[]): Buffer {
  return numbers.reduce((inner, number) => fieldsOf(inner).get(number)?.[0] as Buffer, message);
}

/** An entry's value out of a message of entries. */
function entry(message: Buffer, number: number, name: string): Buffer {
  const entries = fieldsOf(message).get(number) as Buffer[];
  return at(entries.find((candidate) => at(candidate, 1).toString() === name) ?? Buffer.alloc(0), 2);
}

describe("encodeOpenapiV2", () => {
  const document = encodeOpenapiV2(openapiV2({ title: "Kubernetes", version: "v1.35.0" }));

  it("says what it is", () => {
    expect(at(document, 1).toString()).to.equal("2.0");
    expect(at(document, 2, 2).toString()).to.equal("v1.35.0");
  });

  it("holds definitions with their references and extensions", () => {
    const pod = entry(at(document, 9), 1, "io.k8s.api.core.v1.Pod");
    expect(at(pod, 22, 1).toString()).to.equal("object");
    expect(at(entry(at(pod, 25), 1, "spec"), 1).toString()).to.equal("#/definitions/io.k8s.api.core.v1.PodSpec");
    const kinds = entry(pod, 31, "x-kubernetes-group-version-kind");
    expect(JSON.parse(at(kinds, 2).toString())).to.deep.equal([{ group: "", kind: "Pod", version: "v1" }]);
  });

  it("holds operations with parameters in their places", () => {
    const path = entry(at(document, 8), 2, "/api/v1/namespaces/{namespace}/pods/{name}");
    const patch = at(path, 8);
    expect(at(patch, 5).toString()).to.equal("patchCoreV1NamespacedPod");
    const names = (fieldsOf(patch).get(8) as Buffer[]).map((item) => {
      const fields = fieldsOf(at(item, 1));
      return fields.has(1) ? at(item, 1, 1, 2).toString() : at(item, 1, 2, 3, 4).toString();
    });
    expect(names).to.deep.equal(["body", "dryRun", "fieldManager", "fieldValidation", "force"]);
    expect(at(fieldsOf(path).get(9)?.[0] as Buffer, 1, 2, 4, 4).toString()).to.equal("name");
  });
});

import { expect } from "chai";
import { encodeStored, metadataSpan, replaceRevision, spliceRevision } from "./json-bytes.ts";

const pod = { spec: { a: 1 }, metadata: { name: "p", resourceVersion: "3" }, kind: "Pod", apiVersion: "v1" };
const parsed = (bytes: Buffer) => JSON.parse(bytes.toString("utf8")) as unknown;

describe("stored bytes", () => {
  it("begin with kind, version and metadata and hold no resourceVersion", () => {
    expect(encodeStored(pod).toString()).to.equal(
      '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p"},"spec":{"a":1}}',
    );
  });

  it("get a resourceVersion without being parsed", () => {
    const { bytes, bodyStart } = spliceRevision(encodeStored(pod), 17);
    expect(parsed(bytes)).to.deep.equal({ ...pod, metadata: { name: "p", resourceVersion: "17" } });
    expect(bytes.subarray(bodyStart).toString()).to.match(/^"metadata":\{"resourceVersion":"17","name"/);
  });

  it("change their resourceVersion to one of another length", () => {
    const changed = replaceRevision(spliceRevision(encodeStored(pod), 99), 12345);
    expect(parsed(changed.bytes)).to.deep.equal({ ...pod, metadata: { name: "p", resourceVersion: "12345" } });
    expect(parsed(replaceRevision(changed, 7).bytes)).to.deep.equal({
      ...pod,
      metadata: { name: "p", resourceVersion: "7" },
    });
  });

  it("show their metadata without being parsed, whatever its texts hold", () => {
    const metadata = {
      name: "p",
      annotations: { a: '}"{\\"', b: "ü\\", "c}": "" },
      managedFields: [{ fieldsV1: { "f:x": {} } }],
    };
    const object = spliceRevision(encodeStored({ ...pod, metadata }), 4);
    expect(parsed(object.bytes.subarray(metadataSpan(object).start, metadataSpan(object).end))).to.deep.equal({
      ...metadata,
      resourceVersion: "4",
    });
  });

  it("of another program's making are written anew", () => {
    const foreign = Buffer.from('{"spec":{"metadata":{"x":1}},"metadata":{"name":"p"},"apiVersion":"v1","kind":"Pod"}');
    const { bytes } = spliceRevision(foreign, 5);
    expect(parsed(bytes)).to.deep.equal({
      kind: "Pod",
      apiVersion: "v1",
      metadata: { resourceVersion: "5", name: "p" },
      spec: { metadata: { x: 1 } },
    });
  });
});

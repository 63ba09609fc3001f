import { expect } from "chai";
import fc from "fast-check";
import { schemaOf, typeNames } from "../../schema/index.ts";
import { arbitraryValue } from "../../testing/index.ts";
import { DecodeError, normalize } from "../json/index.ts";
import {
  decodeMessage,
  decodeProtobuf,
  decodeWatchEvent,
  encodeMessage,
  encodeProtobuf,
  encodeWatchFrame,
  frameList,
  listItemHead,
  metadataMessage,
  wrapMessage,
} from "./index.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("protobuf messages", () => {
  it("come back as Go would write them in JSON, for every type", function () {
    this.timeout(10_000);
    const types = typeNames().filter((name) => schemaOf(name).fields.some(({ proto }) => proto !== undefined));
    for (const type of types) {
      fc.assert(
        fc.property(arbitraryValue(type, 2), (value) => {
          expect(decodeMessage(type, encodeMessage(type, value))).to.deep.equal(normalize(type, value));
        }),
        { numRuns: 3, seed: 35 },
      );
    }
  });

  it("write what is no pointer even when nobody set it", () => {
    // name "", optional absent, restartCount and the like as zero.
    expect(hex(encodeMessage("core/v1.ContainerPort", { containerPort: 80 }))).to.equal(
      "0a0010001850" + "2200" + "2a00",
    );
  });

  it("write what is a pointer only when it was set", () => {
    expect(hex(encodeMessage("apps/v1.RollingUpdateDeployment", {}))).to.equal("");
    expect(hex(encodeMessage("apps/v1.RollingUpdateDeployment", { maxSurge: "25%" }))).to.equal(
      "120908011000" + "1a03323525",
    );
  });

  it("write times in whole seconds, and nothing for a time that is absent", () => {
    const condition = { type: "A", status: "B", reason: "", message: "" };
    expect(hex(encodeMessage("meta/v1.Condition", condition))).to.equal(
      "0a0141" + "120142" + "1800" + "2200" + "2a00" + "3200",
    );
    const timed = { ...condition, lastTransitionTime: "1970-01-01T00:01:00Z" };
    expect(hex(encodeMessage("meta/v1.Condition", timed))).to.include("2204083c1000");
  });

  it("write negative numbers in ten bytes", () => {
    const bytes = encodeMessage("core/v1.PodSpec", { containers: [], priority: -1 });
    expect(hex(bytes)).to.include(`c801${"ff".repeat(9)}01`);
  });

  it("sort the entries of maps", () => {
    const one = encodeMessage("meta/v1.ObjectMeta", { labels: { b: "2", a: "1" } });
    expect(one.equals(encodeMessage("meta/v1.ObjectMeta", { labels: { a: "1", b: "2" } }))).to.equal(true);
  });

  it("keep fields they do not know out", () => {
    const bytes = Buffer.concat([
      encodeMessage("meta/v1.Preconditions", { uid: "x" }),
      Buffer.from("fa0103616263", "hex"),
    ]);
    expect(decodeMessage("meta/v1.Preconditions", bytes)).to.deep.equal({ uid: "x" });
  });

  it("refuse what ends too early or has a wrong wire type", () => {
    for (const broken of ["0a05", "0aff", "08", "0801", "0f"]) {
      const decode = () => decodeMessage("meta/v1.Preconditions", Buffer.from(broken, "hex"));
      expect(decode, broken).to.throw(DecodeError);
    }
  });

  it("take numbers packed into one run", () => {
    expect(decodeMessage("core/v1.PodSecurityContext", Buffer.from("220201" + "02", "hex"))).to.deep.equal({
      supplementalGroups: [1, 2],
    });
  });
});

describe("protobuf bodies", () => {
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "web" }, spec: { containers: [] }, status: {} };

  it("carry the kind in their envelope", () => {
    const body = encodeProtobuf(pod);
    expect(body.subarray(0, 4).toString()).to.equal("k8s\0");
    expect(decodeProtobuf(body)).to.deep.include({ apiVersion: "v1", kind: "Pod", metadata: { name: "web" } });
  });

  it("hold the envelope's fields as upstream writes them", () => {
    expect(hex(wrapMessage("v1", "A", Buffer.from("x")))).to.equal(
      "6b387300" + "0a07" + "0a027631" + "120141" + "120178" + "1a00" + "2200",
    );
  });

  it("join lists from the messages of their items", () => {
    const messages = [encodeMessage("core/v1.Pod", pod), encodeMessage("core/v1.Pod", { metadata: { name: "b" } })];
    const items = Buffer.concat(messages.flatMap((message) => [listItemHead(message.length), message]));
    const { head, tail } = frameList("v1", "PodList", { resourceVersion: "7" }, items.length);
    const list = decodeProtobuf(Buffer.concat([head, items, tail])) as {
      metadata: unknown;
      items: { metadata: unknown }[];
    };
    expect(list.metadata).to.deep.equal({ resourceVersion: "7" });
    expect(list.items.map((item) => item.metadata)).to.deep.equal([{ name: "web" }, { name: "b" }]);
  });

  it("begin with the metadata, which is all that those want who ask for it alone", () => {
    const message = metadataMessage(encodeMessage("core/v1.Pod", pod));
    expect(decodeMessage("meta/v1.PartialObjectMetadata", message)).to.deep.equal({ metadata: { name: "web" } });
    for (const type of typeNames()) {
      const metadata = schemaOf(type).fields.find(({ name }) => name === "metadata");
      if (JSON.stringify(metadata?.type)?.includes("meta/v1.ObjectMeta")) expect(metadata?.proto, type).to.equal(1);
    }
  });

  it("frame watch events by length", () => {
    const frame = encodeWatchFrame("ADDED", encodeProtobuf(pod));
    expect(frame.readUInt32BE(0)).to.equal(frame.length - 4);
    const event = decodeWatchEvent(frame.subarray(4));
    expect(event.type).to.equal("ADDED");
    expect(event.object).to.deep.include({ kind: "Pod", metadata: { name: "web" } });
  });

  it("may hold options of any group", () => {
    const options = {
      apiVersion: "apps/v1",
      kind: "DeleteOptions",
      gracePeriodSeconds: 0,
      propagationPolicy: "Orphan",
    };
    expect(decodeProtobuf(encodeProtobuf(options))).to.deep.equal(options);
  });

  it("of unknown kinds and without the magic are refused", () => {
    expect(() => decodeProtobuf(wrapMessage("example.com/v1", "Foo", Buffer.alloc(0)))).to.throw(
      DecodeError,
      'no kind "Foo" is registered for version "example.com/v1"',
    );
    expect(() => decodeProtobuf(Buffer.from("{}"))).to.throw(DecodeError);
  });
});

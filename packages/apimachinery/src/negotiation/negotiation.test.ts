import { expect } from "chai";
import fc from "fast-check";
import { decodeContinueToken, encodeContinueToken, mediaTypeOf, mediaTypes, negotiate, parseAccept } from "./index.ts";

const { json, yaml, protobuf } = mediaTypes;
const offer = { mediaTypes: [json, yaml, protobuf], accepts: ({ kind }: { kind: string }) => kind === "Table" };

describe("content negotiation", () => {
  it("takes what is preferred of what is offered", () => {
    expect(negotiate(undefined, offer)?.mediaType).to.equal(json);
    expect(negotiate("*/*", offer)?.mediaType).to.equal(json);
    expect(negotiate("application/vnd.kubernetes.protobuf,application/json", offer)?.mediaType).to.equal(protobuf);
    expect(negotiate("application/json;q=0.5, application/yaml", offer)?.mediaType).to.equal(yaml);
    expect(negotiate("text/html", offer)).to.equal(undefined);
    expect(negotiate("application/json;q=0", offer)).to.equal(undefined);
  });

  it("gives kubectl its table, and JSON where there is none", () => {
    const header =
      "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
    expect(negotiate(header, offer)).to.deep.equal({
      mediaType: json,
      as: { group: "meta.k8s.io", version: "v1", kind: "Table" },
      pretty: false,
    });
    expect(negotiate(header, { mediaTypes: [json] })).to.deep.equal({ mediaType: json, pretty: false });
    expect(negotiate("application/json;as=Table", offer)).to.equal(undefined);
  });

  it("reads watch streams and indentation", () => {
    expect(negotiate("application/json;stream=watch;pretty=1", offer)).to.deep.equal({
      mediaType: json,
      stream: "watch",
      pretty: true,
    });
  });

  it("puts the more specific of equally wanted types first", () => {
    expect(parseAccept("*/*, application/*, text/plain").map(({ type }) => type)).to.deep.equal([
      "text/plain",
      "application/*",
      "*/*",
    ]);
    expect(parseAccept('a/b;x="1,2;3"')[0]?.params).to.deep.equal({ x: "1,2;3" });
  });

  it("knows a body's media type without its parameters", () => {
    expect(mediaTypeOf("Application/JSON; charset=utf-8")).to.equal(json);
    expect(mediaTypeOf(undefined)).to.equal("");
  });
});

describe("continue tokens", () => {
  it("come back as they went", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1 }),
        fc.stringMatching(/^[a-z0-9]+\/[a-z0-9.-]*[a-z0-9]$/),
        (revision, startKey) => {
          expect(decodeContinueToken(encodeContinueToken({ revision, startKey }))).to.deep.equal({
            revision,
            startKey,
          });
        },
      ),
    );
  });

  it("are refused when forged", () => {
    const token = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    expect(() => decodeContinueToken("%%%")).to.throw("continue key is not valid");
    expect(() => decodeContinueToken(token({ v: "v2", rv: 1, start: "a" }))).to.throw("does not recognize");
    expect(() => decodeContinueToken(token({ v: "meta.k8s.io/v1", rv: 0, start: "a" }))).to.throw("resourceVersion");
    expect(() => decodeContinueToken(token({ v: "meta.k8s.io/v1", rv: 1, start: "" }))).to.throw("start key empty");
    expect(() => decodeContinueToken(token({ v: "meta.k8s.io/v1", rv: 1, start: "a/../../secrets/x" }))).to.throw(
      "continue key is not valid",
    );
  });
});

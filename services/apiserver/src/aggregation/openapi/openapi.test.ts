import { expect } from "chai";
import { convertV2 } from "./convert-v2.ts";
import { mergeV2, partBelow } from "./merge-v2.ts";

const ref = (name: string) => ({ $ref: `#/definitions/${name}` });
const flunders = "/apis/wardle.example.com/v1alpha1/flunders";
const theirs = {
  swagger: "2.0",
  info: { title: "wardle", version: "1" },
  paths: {
    "/version/": { get: { responses: {} } },
    [flunders]: {
      get: {
        operationId: "list",
        produces: ["application/json"],
        parameters: [{ $ref: "#/parameters/limit-1" }],
        responses: { "200": { description: "OK", schema: ref("FlunderList") }, "401": { description: "Unauthorized" } },
      },
      post: {
        parameters: [{ in: "body", name: "body", required: true, schema: ref("Flunder") }],
        responses: {},
      },
    },
  },
  definitions: {
    FlunderList: { properties: { items: { type: "array", items: ref("Flunder") } } },
    Flunder: { properties: { metadata: ref("ObjectMeta") } },
    ObjectMeta: { description: "of another time" },
    Fischer: { description: "nobody speaks of it" },
  },
  parameters: { "limit-1": { in: "query", name: "limit", type: "integer", uniqueItems: true } },
};

describe("OpenAPI of extension servers", () => {
  const part = partBelow(theirs, "/apis/wardle.example.com/v1alpha1");

  it("is cut down to the version's paths and what they refer to", () => {
    expect(Object.keys(part["paths"] as object)).to.deep.equal([flunders]);
    expect(Object.keys(part["definitions"] as object)).to.have.members(["FlunderList", "Flunder", "ObjectMeta"]);
    expect(Object.keys(part["parameters"] as object)).to.deep.equal(["limit-1"]);
  });

  it("joins ours, and what is called alike without being it gets another name", () => {
    const ours = { swagger: "2.0", paths: { "/api/": {} }, definitions: { ObjectMeta: { description: "ours" } } };
    const merged = mergeV2(ours, [part]) as typeof theirs & { definitions: Record<string, unknown> };
    expect(Object.keys(merged.paths)).to.have.members(["/api/", flunders]);
    expect(merged.definitions.ObjectMeta).to.deep.equal({ description: "ours" });
    expect(merged.definitions["ObjectMeta_v2"]).to.deep.equal({ description: "of another time" });
    expect(merged.definitions.Flunder).to.deep.equal({ properties: { metadata: ref("ObjectMeta_v2") } });
    expect(ours.definitions).to.deep.equal({ ObjectMeta: { description: "ours" } });
  });

  it("does not take a path over that is there already", () => {
    const ours = { paths: { [flunders]: { get: "ours" } } };
    expect(mergeV2(ours, [part])["paths"]).to.deep.equal(ours.paths);
  });

  it("is told in version 3 where the server only has version 2", () => {
    const schema = (name: string) => ({ schema: { $ref: `#/components/schemas/${name}` } });
    expect(convertV2({ ...part, info: theirs.info })).to.deep.equal({
      openapi: "3.0.0",
      info: theirs.info,
      paths: {
        [flunders]: {
          get: {
            operationId: "list",
            parameters: [{ in: "query", name: "limit", schema: { type: "integer", uniqueItems: true } }],
            responses: {
              "200": { description: "OK", content: { "application/json": schema("FlunderList") } },
              "401": { description: "Unauthorized" },
            },
          },
          post: {
            requestBody: { required: true, content: { "application/json": schema("Flunder") } },
            responses: {},
          },
        },
      },
      components: {
        schemas: {
          FlunderList: { properties: { items: { type: "array", items: schema("Flunder").schema } } },
          Flunder: { properties: { metadata: schema("ObjectMeta").schema } },
          ObjectMeta: { description: "of another time" },
        },
      },
    });
  });
});

import { expect } from "chai";
import { openTestServer, type TestServer } from "./open-test-server.ts";

const protobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

describe("apiserver OpenAPI v2", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
  });
  after(() => api.close());

  const contentType = async (accept: string) =>
    (await api.send("GET", "/openapi/v2", undefined, { accept })).headers["content-type"];

  it("comes as protobuf for those who want that first, and else as JSON", async () => {
    expect(await contentType(protobuf)).to.equal("application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
    expect(await contentType(`application/json;q=0.5, ${protobuf}`)).to.contain("proto-openapi");
    expect(await contentType(`application/json, ${protobuf}`)).to.equal("application/json");
    expect(await contentType("*/*")).to.equal("application/json");
  });

  it("is another entity in each form, sent only to those who do not have it", async () => {
    const plain = await api.send("GET", "/openapi/v2");
    const packed = await api.send("GET", "/openapi/v2", undefined, { accept: protobuf });
    expect(packed.headers["etag"]).to.not.equal(plain.headers["etag"]);
    const again = { accept: protobuf, "if-none-match": packed.headers["etag"] ?? "" };
    expect((await api.send("GET", "/openapi/v2", undefined, again)).status).to.equal(304);
  });
});

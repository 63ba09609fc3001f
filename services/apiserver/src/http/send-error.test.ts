import { decodeProtobuf } from "@tskube/api";
import { notFound } from "@tskube/apimachinery";
import { silentLogger } from "@tskube/base";
import { expect } from "chai";
import { panicGuard } from "../filters/panic-guard.ts";
import { requestListener } from "./handle-exchange.ts";
import { createMemoryServer } from "./listener.ts";
import { memoryTransport } from "./memory-transport.ts";

describe("an error's answer", () => {
  const failing = panicGuard(silentLogger)(() => {
    throw notFound({ group: "", resource: "pods" }, "web");
  });
  const transport = memoryTransport(createMemoryServer(requestListener(failing)), { name: "someone", groups: [] });

  async function answer(accept: string) {
    const { headers, body } = await transport.send({ method: "GET", path: "/", headers: { accept } });
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return { type: headers["content-type"], bytes: Buffer.concat(chunks) };
  }

  it("is a Status in the form that the client asks for", async () => {
    const wanted = { kind: "Status", reason: "NotFound", code: 404, message: 'pods "web" not found' };
    const protobuf = await answer("application/vnd.kubernetes.protobuf,application/json");
    expect(protobuf.type).to.equal("application/vnd.kubernetes.protobuf");
    expect(decodeProtobuf(protobuf.bytes)).to.include(wanted);
    const yaml = await answer("application/yaml");
    expect(yaml.type).to.equal("application/yaml");
    expect(yaml.bytes.toString()).to.match(/^apiVersion: v1\ncode: 404\n/);
  });

  it("is JSON for tables, and for those who take nothing that there is", async () => {
    for (const accept of ["application/json;as=Table;v=v1;g=meta.k8s.io", "*/*", "text/csv", ""]) {
      const { type, bytes } = await answer(accept);
      expect(type).to.equal("application/json");
      expect(JSON.parse(bytes.toString())).to.include({ kind: "Status", code: 404 });
    }
  });
});

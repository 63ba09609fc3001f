import type { Transport } from "@tskube/client";
import { expect } from "chai";
import type { KindUnderTest } from "../conformance/check-operations.ts";
import { at, type Send, senderOver } from "../integration/apiserver/open-test-server.ts";
import { openServer } from "./open-server.ts";
import { protobufType, seal, unseal, watchFrames } from "./protobuf/envelope.ts";
import { withoutEmpty } from "./protobuf/objects.ts";
import { sampleObjects } from "./sample-objects.ts";

const asProtobuf = { accept: protobufType, "content-type": protobufType };

describe("a client that speaks protobuf", function () {
  this.timeout(60_000);
  let transport: Transport;
  let send: Send;
  before(async () => {
    transport = await (await openServer()).transport();
    send = senderOver(transport);
  });

  const pathOf = ({ apiVersion, namespace, resource }: KindUnderTest) =>
    `${apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`}${namespace ? `/namespaces/${namespace}` : ""}/${resource}`;

  async function firstFrame(path: string) {
    const stop = AbortSignal.timeout(20_000);
    const headers = { accept: `${protobufType};stream=watch` };
    const { body } = await transport.send({ method: "GET", path, headers, signal: stop });
    for await (const frame of watchFrames(body)) return frame;
    throw new Error("the watch ended");
  }

  for (const kind of sampleObjects) {
    it(`makes, reads, lists and watches ${kind.apiVersion} ${kind.kind}, and sees what a client of JSON sees`, async () => {
      const path = pathOf(kind);
      const name = kind.nameOf?.(7) ?? `sample-${kind.resource}`;
      const metadata = { name, labels: { sample: kind.resource }, annotations: { "example.com/a": "ä" } };
      const object = { apiVersion: kind.apiVersion, kind: kind.kind, metadata, ...kind.body };

      const made = await send("POST", path, seal(object), asProtobuf);
      expect(made.status, made.bytes.toString("latin1").slice(0, 400)).to.equal(201);
      expect(made.headers["content-type"]).to.equal(protobufType);

      const json = (await send("GET", `${path}/${name}`)).json;
      const expected = withoutEmpty(json);
      const read = await send("GET", `${path}/${name}`, undefined, asProtobuf);
      expect(withoutEmpty(unseal(read.bytes))).to.deep.equal(expected);
      expect(at(json, "metadata", "annotations", "example.com/a")).to.equal("ä");

      const query = `labelSelector=sample%3D${kind.resource}`;
      const list = unseal((await send("GET", `${path}?${query}`, undefined, asProtobuf)).bytes);
      expect(list).to.include({ apiVersion: kind.apiVersion, kind: `${kind.kind}List` });
      const item = { ...(at(list, "items", 0) as object), apiVersion: kind.apiVersion, kind: kind.kind };
      expect(withoutEmpty(item)).to.deep.equal(expected);

      const frame = await firstFrame(`${path}?watch=true&${query}`);
      expect(frame.type).to.equal("ADDED");
      expect(withoutEmpty(frame.object)).to.deep.equal(expected);

      const gone = await send("DELETE", `${path}/${name}?gracePeriodSeconds=0`, undefined, { accept: protobufType });
      expect(gone.status).to.equal(200);
    });
  }

  it("has tried every kind that can be created and listed", async () => {
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    const served = new Set<string>();
    for (const path of ["/api", "/apis"]) {
      const { json } = await send("GET", path, undefined, { accept });
      for (const group of at(json, "items") as object[]) {
        const groupName = at(group, "metadata", "name") as string | undefined;
        if (groupName?.endsWith("example.com")) continue; // custom resources have no messages
        for (const version of at(group, "versions") as {
          version: string;
          resources: { resource: string; verbs: string[] }[];
        }[]) {
          const apiVersion = groupName ? `${groupName}/${version.version}` : version.version;
          for (const { resource, verbs } of version.resources) {
            if (verbs.includes("create") && verbs.includes("list")) served.add(`${apiVersion} ${resource}`);
          }
        }
      }
    }
    const tried = new Set(sampleObjects.map(({ apiVersion, resource }) => `${apiVersion} ${resource}`));
    expect([...served].filter((kind) => !tried.has(kind))).to.deep.equal([]);
  });

  it("reads a Status and tells of a body that is broken", async () => {
    const missing = await send("GET", "/api/v1/namespaces/default/pods/none", undefined, asProtobuf);
    expect(missing.status).to.equal(404);
    expect(unseal(missing.bytes)).to.include({ kind: "Status", reason: "NotFound", code: 404 });
    const broken = await send("POST", "/api/v1/namespaces/default/pods", Buffer.from("k8s\0\xff\xff"), asProtobuf);
    expect(broken.status).to.equal(400);
  });
});

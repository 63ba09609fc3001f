import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { testAuthority } from "@tskube/component/testing";
import { expect } from "chai";
import { FakeObjects } from "../../auth/testing/fake-objects.ts";
import type { APIService } from "../api-service/api-service.ts";
import { Remotes } from "../proxy/remotes.ts";
import { type RemoteOpenapi, startRemoteOpenapi } from "./remote-openapi.ts";

const service: APIService = {
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  metadata: { name: "v1.example.com" },
  spec: {
    group: "example.com",
    version: "v1",
    service: { namespace: "ns", name: "api", port: 443 },
    insecureSkipTLSVerify: true,
    groupPriorityMinimum: 1,
    versionPriority: 1,
  },
  status: { conditions: [{ type: "Available", status: "True" }] },
};
const apiServices = "apiservices.apiregistration.k8s.io";
const path = "/apis/example.com/v1/things";

describe("documents of extension servers", () => {
  let backend: Server;
  let document = "";
  let etag = "";
  const asked: string[] = [];
  let objects: FakeObjects;
  let remotes: Remotes;
  let openapi: RemoteOpenapi;
  let clock: FakeClock;

  before(async () => {
    const { cert, key } = await (await testAuthority()).issue("backend");
    backend = createServer({ cert, key }, (request, response) => {
      const isKnown = etag !== "" && request.headers["if-none-match"] === etag;
      const status = request.url === "/openapi/v2" ? (isKnown ? 304 : 200) : 404;
      asked.push(`${request.url} ${status}`);
      response.writeHead(status, { "content-type": "application/json", ...(etag && { etag }) });
      response.end(status === 200 ? document : "");
    });
    await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
  });
  after(() => {
    backend.closeAllConnections();
    backend.close();
  });

  beforeEach(() => {
    clock = new FakeClock();
    objects = new FakeObjects();
    const endpoint = { host: "127.0.0.1", port: (backend.address() as AddressInfo).port };
    remotes = new Remotes({ objects, resolve: () => endpoint, clientPair: () => undefined });
    openapi = startRemoteOpenapi({ remotes, clock, logger: silentLogger });
    asked.length = 0;
  });
  afterEach(async () => {
    await openapi.close();
    remotes.close();
    expect(clock.pending).to.equal(0);
  });

  /** Waits for real answers, which the clock knows nothing of. */
  async function until(isSo: () => boolean): Promise<void> {
    const deadline = performance.now() + 1_500;
    while (!isSo()) {
      if (performance.now() > deadline) throw new Error("nothing came");
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it("are asked for again every minute, and taken over only if they are others", async () => {
    document = JSON.stringify({ paths: { [path]: { get: { operationId: "one" } } } });
    etag = '"1"';
    objects.put(apiServices, service);
    await until(() => openapi.v2().parts.length === 1 && clock.pending > 0);
    const [part] = openapi.v2().parts;
    await clock.advance(60_000);
    await until(() => asked.includes("/openapi/v2 304") && clock.pending > 0);
    expect(openapi.v2().parts[0]).to.equal(part);
    document = JSON.stringify({ paths: { [path]: { get: { operationId: "two" } } } });
    etag = '"2"';
    const { id } = openapi.v2();
    await clock.advance(60_000);
    await until(() => openapi.v2().id !== id);
    expect(openapi.v2().parts[0]?.["paths"]).to.deep.equal({ [path]: { get: { operationId: "two" } } });
    expect(openapi.converted("apis/example.com/v1")).to.have.property("openapi", "3.0.0");
  });

  it("that cannot be written do not spoil everybody's", async () => {
    const depth = 5_000;
    const schema = `${'{"properties":{"a":'.repeat(depth)}{}${"}}".repeat(depth)}`;
    document = `{"paths":{"${path}":{"get":{"responses":{"200":{"schema":${schema}}}}}}}`;
    etag = "";
    objects.put(apiServices, service);
    await until(() => asked.includes("/openapi/v2 200") && clock.pending > 0);
    expect(openapi.v2().parts).to.deep.equal([]);
    expect([...openapi.v3()]).to.deep.equal([]);
  });

  it("go with their APIService", async () => {
    document = JSON.stringify({ paths: { [path]: {} } });
    objects.put(apiServices, service);
    await until(() => openapi.v2().parts.length === 1);
    await objects.delete({ group: "apiregistration.k8s.io", resource: "apiservices" }, "", "v1.example.com");
    expect(openapi.v2().parts).to.deep.equal([]);
  });
});

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { systemClock } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { httpsTransport } from "./https.ts";
import { readBody, type Transport } from "./transport.ts";

describe("socket transport", () => {
  let server: Server;
  let transport: Transport;
  let onRequest: (request: IncomingMessage, response: ServerResponse) => void;
  const clock = new FakeClock();

  beforeEach(async () => {
    server = createServer((request, response) => onRequest(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    transport = open(clock);
  });
  afterEach(() => {
    transport.close();
    server.closeAllConnections();
    server.close();
  });

  function open(time = systemClock, path = "") {
    const { port } = server.address() as AddressInfo;
    return httpsTransport({ server: `http://127.0.0.1:${port}${path}`, tls: () => ({}), clock: time });
  }
  const get = { method: "GET", path: "/api?x=1", headers: {} };
  const thrown = (promise: Promise<unknown>) =>
    promise.then(
      () => expect.fail("nothing was thrown"),
      (error: unknown) => error,
    );
  const text = async (body: AsyncIterable<Uint8Array>) => (await readBody(body, 1 << 20)).toString("utf8");

  it("sends method, path and body and reads status, headers and body", async () => {
    onRequest = (request, response) => {
      response.writeHead(201, { "x-seen": `${request.method} ${request.url} ${request.headers["content-length"]}` });
      request.pipe(response);
    };
    const response = await transport.send({ method: "POST", path: "/api", headers: {}, body: "häl" });
    expect([response.status, response.headers["x-seen"], await text(response.body)]).to.deep.equal([
      201,
      "POST /api 4",
      "häl",
    ]);
  });

  it("puts the server's own path before the request's", async () => {
    onRequest = (request, response) => response.end(request.url);
    expect(await text((await open(clock, "/clusters/a/").send(get)).body)).to.equal("/clusters/a/api?x=1");
  });

  it("asks for gzip and unpacks it", async () => {
    onRequest = (request, response) => {
      response.setHeader("content-encoding", "gzip");
      response.end(gzipSync(String(request.headers["accept-encoding"])));
    };
    expect(await text((await transport.send(get)).body)).to.equal("gzip");
  });

  it("uses one connection for requests after one another", async () => {
    const ports = new Set<number | undefined>();
    onRequest = (request, response) => {
      ports.add(request.socket.remotePort);
      response.end("{}");
    };
    for (let i = 0; i < 5; i++) await text((await transport.send(get)).body);
    expect(ports.size).to.equal(1);
  });

  it("gives up when no answer begins in time, and leaves no timer after one that did", async () => {
    onRequest = () => {};
    const failed = thrown(transport.send({ ...get, timeoutMs: 100 }));
    await new Promise((resolve) => server.once("request", resolve));
    await clock.advance(100);
    expect(String(await failed)).to.contain("no response to GET /api?x=1 within 100ms");
    onRequest = (_request, response) => response.end("{}");
    await text((await transport.send(get)).body);
    expect(clock.pending).to.equal(0);
  });

  it("ends the body of a stream when aborted, and when its reader leaves", async () => {
    let closed = 0;
    onRequest = (_request, response) => {
      response.on("close", () => closed++);
      response.write("line\n");
    };
    const stop = new AbortController();
    const aborted = await transport.send({ ...get, signal: stop.signal });
    const failed = thrown(text(aborted.body));
    stop.abort(new Error("enough"));
    expect(await failed).to.be.instanceOf(Error);
    const left = await transport.send(get);
    for await (const _chunk of left.body) break;
    while (closed < 2) await new Promise((resolve) => setImmediate(resolve));
  });

  it("fails a body that was cut, packed or not", async () => {
    for (const encoding of ["identity", "gzip"]) {
      onRequest = (_request, response) => {
        response.writeHead(200, { "content-encoding": encoding, "content-length": 1000 });
        response.write(encoding === "gzip" ? gzipSync("half").subarray(0, 8) : "half");
        setImmediate(() => response.destroy());
      };
      expect(await thrown(transport.send(get).then((response) => text(response.body))), encoding).to.be.instanceOf(
        Error,
      );
    }
  });

  it("says so when nobody listens", async () => {
    const refused = open(clock);
    await new Promise((resolve) => server.close(resolve));
    expect(await thrown(refused.send(get))).to.have.property("code", "ECONNREFUSED");
  });
});

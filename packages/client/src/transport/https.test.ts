import { createServer as createHttp1Server, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, connect, type Server } from "node:net";
import { Duplex } from "node:stream";
import { gzipSync } from "node:zlib";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { Http2Connection } from "./http2-connection.ts";
import { httpsTransport } from "./https.ts";
import { readBody, type Transport } from "./transport.ts";

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

interface Protocol {
  readonly name: string;
  serve(listener: Listener): Server;
  open(port: number, clock: FakeClock): Transport;
}

const protocols: readonly Protocol[] = [
  {
    name: "HTTP/1.1",
    serve: (listener) => createHttp1Server(listener),
    open: (port, clock) => httpsTransport({ server: `http://127.0.0.1:${port}`, tls: () => ({}), clock }),
  },
  {
    name: "HTTP/2",
    serve: (listener) => createHttp2Server(listener as never),
    open(port, clock) {
      const options = { clock, defaultTimeoutMs: 60_000 };
      const connection = new Http2Connection("http://127.0.0.1", connect(port, "127.0.0.1"), options);
      return { send: (request) => connection.send(request), close: () => connection.destroy() };
    },
  },
];

for (const protocol of protocols)
  describe(`transport over ${protocol.name}`, () => {
    let server: Server;
    let transport: Transport;
    let onRequest: Listener;
    let port: number;
    const sockets = new Set<{ destroy(): void }>();
    const clock = new FakeClock();

    beforeEach(async () => {
      server = protocol.serve((request, response) => onRequest(request, response));
      server.on("connection", (socket) => sockets.add(socket));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      port = (server.address() as AddressInfo).port;
      transport = protocol.open(port, clock);
    });
    afterEach(() => {
      transport.close();
      for (const socket of sockets) socket.destroy();
      server.close();
    });

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

    it("asks for gzip and unpacks it", async () => {
      onRequest = (request, response) => {
        response.setHeader("content-encoding", "gzip");
        response.end(gzipSync(String(request.headers["accept-encoding"])));
      };
      const answer = await transport.send(get);
      expect(await text(answer.body)).to.equal("gzip");
      expect(answer.headers).not.to.have.any.keys("content-encoding", "content-length");
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
      await clock.advance(0);
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

    it("fails requests under way when the connection breaks", async () => {
      onRequest = () => {
        for (const socket of sockets) socket.destroy();
      };
      expect(await thrown(transport.send(get))).to.have.property("code", "ECONNRESET");
    });
  });

describe("transport", () => {
  it("puts the server's own path before the request's", async () => {
    const server = createHttp1Server((request, response) => response.end(request.url));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const transport = httpsTransport({
      server: `http://127.0.0.1:${port}/clusters/a/`,
      tls: () => ({}),
      clock: new FakeClock(),
    });
    const { body } = await transport.send({ method: "GET", path: "/api", headers: {} });
    expect((await readBody(body, 100)).toString()).to.equal("/clusters/a/api");
    transport.close();
    server.close();
  });

  it("says so when nobody listens", async () => {
    const transport = httpsTransport({ server: "http://127.0.0.1:1", tls: () => ({}), clock: new FakeClock() });
    const error = await transport.send({ method: "GET", path: "/", headers: {} }).catch((failed: unknown) => failed);
    expect(error).to.have.property("code", "ECONNREFUSED");
  });

  it("gives an HTTP/2 connection up that does not answer a ping", async () => {
    const clock = new FakeClock();
    const silent = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    const connection = new Http2Connection("http://127.0.0.1", silent, { clock, defaultTimeoutMs: 600_000 });
    const failed = connection.send({ method: "GET", path: "/", headers: {} }).catch((error: unknown) => error);
    await clock.advance(45_000);
    expect(await failed).to.have.property("code", "ECONNRESET");
    expect([connection.isUsable, clock.pending]).to.deep.equal([false, 0]);
  });
});

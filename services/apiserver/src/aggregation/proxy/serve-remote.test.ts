import { type Server as HttpServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Front } from "node:http2";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { type Clock, silentLogger, systemClock } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { testAuthority } from "@tskube/component/testing";
import { expect } from "chai";
import { panicGuard } from "../../filters/panic-guard.ts";
import { requestTimeout } from "../../filters/request-timeout.ts";
import { chain, type Handler } from "../../http/context.ts";
import { requestListener } from "../../http/handle-exchange.ts";
import { createMemoryServer } from "../../http/listener.ts";
import { connect, memoryTransport } from "../../http/memory-transport.ts";
import type { APIService } from "../api-service/api-service.ts";
import { identityHeaderTest } from "./identity-headers.ts";
import { Remote } from "./remote.ts";
import { serveRemote } from "./serve-remote.ts";

const user = { name: "ann", groups: ["devs"] };
const base = "/apis/example.com/v1";
const service: APIService = {
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  metadata: { name: "v1.example.com" },
  spec: {
    group: "example.com",
    version: "v1",
    insecureSkipTLSVerify: true,
    groupPriorityMinimum: 1,
    versionPriority: 1,
  },
  status: { conditions: [{ type: "Available", status: "True" }] },
};

describe("requests for extension servers", () => {
  let backend: Server;
  let remote: Remote;
  let front: HttpServer;
  let handler: Handler;
  let handlerWith: (clock: Clock) => Handler;
  const draining = new AbortController();
  const connections: Socket[] = [];

  function answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === `${base}/things?watch=true`) return void response.writeHead(200).write('{"type":"ADDED"}\n');
    if (request.url === `${base}/silent`) return;
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      const { method, url, headers } = request;
      response.writeHead(200, { "content-type": "application/json", "access-control-allow-origin": "*", warning: "w" });
      response.end(JSON.stringify({ method, url, headers, body }));
    });
  }

  before(async () => {
    const { cert, key } = await (await testAuthority()).issue("backend");
    backend = createServer({ cert, key }, answer);
    backend.on("upgrade", (request: IncomingMessage, socket: Socket) => {
      const { upgrade, "x-remote-user": name } = request.headers;
      if (upgrade !== "talk") return socket.end("HTTP/1.1 418 No\r\ncontent-length: 5\r\n\r\nnever");
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: talk\r\nx-name: ${name}\r\n\r\n`,
      );
      return socket.pipe(socket);
    });
    backend.on("secureConnection", (socket) => connections.push(socket));
    await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
    const { port } = backend.address() as AddressInfo;
    const target = { namespace: "ns", name: "api", port: 443 };
    remote = new Remote(service, target, { resolve: () => ({ host: "127.0.0.1", port }), clientPair: () => undefined });
    const serve = serveRemote(remote, {
      rejectRedirects: true,
      draining: draining.signal,
      isIdentityHeader: identityHeaderTest(),
    });
    handlerWith = (clock) =>
      chain([panicGuard(silentLogger), requestTimeout(clock, 200)], (context) => {
        context.user = user;
        return serve(context);
      });
    handler = handlerWith(systemClock);
    front = createMemoryServer(requestListener(handler));
  });
  after(() => {
    remote.close();
    backend.closeAllConnections();
    backend.close();
  });

  async function send(method: string, path: string, body?: string) {
    const sent = await memoryTransport(front, user).send({
      method,
      path,
      headers: {},
      ...(body !== undefined && { body }),
    });
    let text = "";
    for await (const chunk of sent.body) text += Buffer.from(chunk).toString("utf8");
    return { ...sent, text };
  }

  it("go on with method, query and body, and answers come back without what is the connection's or browsers'", async () => {
    const { status, headers, text } = await send("POST", `${base}/things?a=b%20c`, "payload");
    const seen = JSON.parse(text);
    expect(status).to.equal(200);
    expect(seen).to.include({ method: "POST", url: `${base}/things?a=b%20c`, body: "payload" });
    expect(seen.headers).to.include({ "x-remote-user": "ann", "x-remote-group": "devs" });
    expect(headers["warning"]).to.equal("w");
    expect(headers).to.not.have.property("access-control-allow-origin");
  });

  it("share connections, and one that the server has closed meanwhile costs nobody an answer", async () => {
    await send("GET", `${base}/things`);
    const before = connections.length;
    await send("GET", `${base}/things`);
    expect(connections.length).to.equal(before);
    // Closed without a word: what is sent next finds out.
    connections.at(-1)?.destroy();
    expect((await send("GET", `${base}/things`)).status).to.equal(200);
  });

  it("take new connections once the client certificate has been renewed", async () => {
    await send("GET", `${base}/things`);
    const before = connections.length;
    remote.renewConnections();
    await send("GET", `${base}/things`);
    expect(connections.length).to.equal(before + 1);
  });

  it("mark off bodies that came without a length", async () => {
    const http2 = createHttp2Front();
    http2.on("request", requestListener(handler));
    await new Promise<void>((resolve) => http2.listen(0, "127.0.0.1", resolve));
    const session = connectHttp2(`http://127.0.0.1:${(http2.address() as AddressInfo).port}`);
    try {
      const stream = session.request({ ":method": "DELETE", ":path": `${base}/things/a` }, { endStream: false });
      stream.end('{"kind":"DeleteOptions"}');
      let text = "";
      for await (const chunk of stream) text += String(chunk);
      expect(JSON.parse(text)).to.include({ method: "DELETE", body: '{"kind":"DeleteOptions"}' });
      expect(JSON.parse(text).headers).to.include({ "transfer-encoding": "chunked" });
    } finally {
      session.destroy();
      http2.close();
    }
  });

  function upgradeOver(server: HttpServer, upgrade: string): Promise<readonly [IncomingMessage, Socket | undefined]> {
    const outgoing = request({
      path: `${base}/things/a/console`,
      headers: { connection: "Upgrade", upgrade },
      createConnection: () => connect(server, user) as Socket,
    });
    outgoing.end();
    return new Promise((resolve, reject) => {
      outgoing.once("upgrade", (head, socket) => resolve([head, socket as Socket]));
      outgoing.once("response", (head) => resolve([head, undefined]));
      outgoing.once("error", reject);
    });
  }

  it("that leave HTTP are joined for as long as both ends want", async () => {
    const clock = new FakeClock();
    const [head, socket] = await upgradeOver(createMemoryServer(requestListener(handlerWith(clock))), "talk");
    expect(head.headers["x-name"]).to.equal("ann");
    await clock.advance(60_000);
    const echoed = new Promise((resolve) => socket?.once("data", resolve));
    socket?.write("still here");
    expect(String(await echoed)).to.equal("still here");
    const closed = new Promise<void>((resolve) => socket?.once("close", () => resolve()));
    socket?.destroy();
    await closed;
  });

  it("that may not leave HTTP are told what the server said", async () => {
    const [head, socket] = await upgradeOver(front, "shout");
    let text = "";
    for await (const chunk of head) text += String(chunk);
    expect([socket, head.statusCode, text]).to.deep.equal([undefined, 418, "never"]);
  });

  it("are given up in time when nobody answers", async () => {
    const { status, text } = await send("GET", `${base}/silent`);
    expect([status, JSON.parse(text).reason]).to.deep.equal([504, "Timeout"]);
  });

  it("are answered 503 while the server is not available", async () => {
    remote.update({ ...service, status: { conditions: [{ type: "Available", status: "False" }] } });
    expect((await send("GET", `${base}/things`)).status).to.equal(503);
    remote.update(service);
    expect((await send("GET", `${base}/things`)).status).to.equal(200);
  });

  it("that watch outlive the time of others, and end properly when this server stops", async () => {
    const watch = await memoryTransport(front, user).send({
      method: "GET",
      path: `${base}/things?watch=true`,
      headers: {},
    });
    let text = "";
    for await (const chunk of watch.body) {
      text += Buffer.from(chunk).toString("utf8");
      draining.abort();
    }
    expect(text).to.equal('{"type":"ADDED"}\n');
  });
});

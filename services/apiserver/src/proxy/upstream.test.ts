import { createServer, request, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { silentLogger } from "@tskube/base";
import { expect } from "chai";
import { panicGuard } from "../filters/panic-guard.ts";
import { requestListener } from "../http/handle-exchange.ts";
import { createMemoryServer } from "../http/listener.ts";
import { connect, memoryTransport } from "../http/memory-transport.ts";
import { forward, forwardAnswer, tunnel, type Upstream } from "./upstream.ts";

const user = { name: "someone", groups: [] };

/** A server that says what it was asked and echoes what is sent over an upgraded connection. */
function createBackend(): Server {
  const server = createServer((incoming, response) => {
    if (incoming.url?.startsWith("/refuse")) return response.writeHead(400).end("container is waiting to start");
    if (incoming.url?.startsWith("/log")) return response.end(`log of ${incoming.url}`);
    const seen = { method: incoming.method, url: incoming.url, headers: incoming.headers };
    let body = "";
    incoming.on("data", (chunk) => {
      body += chunk;
    });
    incoming.on("end", () => response.writeHead(203, { "x-backend": "yes" }).end(JSON.stringify({ ...seen, body })));
  });
  server.on("upgrade", (incoming, socket: Socket) => {
    const protocol = incoming.headers["sec-websocket-protocol"];
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: ${incoming.headers.upgrade}\r\nconnection: Upgrade\r\nx-protocol: ${protocol}\r\n\r\n`,
    );
    socket.pipe(socket);
  });
  return server;
}

describe("proxying", () => {
  let backend: Server;
  let front: Server;
  before(async () => {
    backend = createBackend();
    await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
    const upstream: Upstream = { isTls: false, host: "127.0.0.1", port: (backend.address() as AddressInfo).port };
    const handler = panicGuard(silentLogger)(({ exchange }) => {
      const { path, query } = exchange.url;
      const target = query.size > 0 ? `${path}?${query}` : path;
      if (exchange.upgrade) return tunnel(exchange, upstream, target);
      if (path.startsWith("/gone")) return forwardAnswer(exchange, { ...upstream, port: 1 }, target);
      if (path.startsWith("/log") || path.startsWith("/refuse")) return forwardAnswer(exchange, upstream, target);
      return forward(exchange, upstream, { method: exchange.method, path: target });
    });
    front = createMemoryServer(requestListener(handler));
  });
  after(() => {
    backend.closeAllConnections();
    backend.close();
  });

  const send = async (method: string, path: string, body?: string) => {
    const headers = {
      authorization: "Bearer secret",
      "x-remote-uid": "7",
      "x-remote-extra-a": "b",
      "impersonate-user": "c",
      "x-custom": "kept",
    };
    const answer = await memoryTransport(front, user).send({ method, path, headers, ...(body && { body }) });
    let text = "";
    for await (const chunk of answer.body) text += Buffer.from(chunk).toString("utf8");
    return { ...answer, text };
  };

  it("passes a request and its answer on, but not who the client is", async () => {
    const { status, headers, text } = await send("POST", "/any?a=b", "payload");
    expect([status, headers["x-backend"]]).to.deep.equal([203, "yes"]);
    const seen = JSON.parse(text) as { method: string; url: string; body: string; headers: Record<string, string> };
    expect(seen).to.include({ method: "POST", url: "/any?a=b", body: "payload" });
    expect(seen.headers["x-custom"]).to.equal("kept");
    for (const name of ["authorization", "x-remote-uid", "x-remote-extra-a", "impersonate-user"]) {
      expect(seen.headers).to.not.have.property(name);
    }
  });

  it("streams a log and turns a refusal into a Status", async () => {
    expect((await send("GET", "/log?x=1")).text).to.equal("log of /log?x=1");
    const refused = await send("GET", "/refuse");
    expect(JSON.parse(refused.text)).to.include({
      code: 400,
      reason: "BadRequest",
      message: "container is waiting to start",
    });
  });

  it("says that nobody answers behind", async () => {
    const { status, text } = await send("GET", "/gone");
    expect(status).to.equal(500);
    expect(text).to.contain("error dialing backend");
  });

  it("joins upgraded connections byte by byte, without the token that a browser put among the protocols", async () => {
    const outgoing = request({
      path: "/exec?command=sh",
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-protocol": "v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.c2VjcmV0",
      },
      createConnection: () => connect(front, user) as Socket,
    });
    outgoing.end();
    const [answer, socket] = await new Promise<[{ headers: Record<string, unknown> }, Socket]>((resolve, reject) => {
      outgoing.once("upgrade", (response, stream) => resolve([response, stream as Socket]));
      outgoing.once("response", (response) => reject(new Error(`status ${response.statusCode}`)));
      outgoing.once("error", reject);
    });
    expect(answer.headers["x-protocol"]).to.equal("v5.channel.k8s.io");
    const echoed = new Promise<string>((resolve) => socket.once("data", (chunk: Buffer) => resolve(chunk.toString())));
    socket.write("over the wire");
    expect(await echoed).to.equal("over the wire");
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.destroy();
    await closed;
  });
});

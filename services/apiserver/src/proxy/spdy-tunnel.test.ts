import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { silentLogger } from "@tskube/base";
import { expect } from "chai";
import { panicGuard } from "../filters/panic-guard.ts";
import { requestListener } from "../http/handle-exchange.ts";
import { createMemoryServer } from "../http/listener.ts";
import { asksForSpdyTunnel, tunnelSpdy } from "./spdy-tunnel.ts";
import type { Upstream } from "./upstream.ts";

const protocol = "SPDY/3.1+portforward.k8s.io";

/** What a kubelet would be asked; it greets, echoes what comes, and refuses pods that are called `gone`. */
function createBackend(seen: IncomingMessage[]): Server {
  const server = createServer((_incoming, response) => response.writeHead(404).end("pod does not exist"));
  server.on("upgrade", (incoming, socket: Socket) => {
    if (incoming.url?.includes("gone")) {
      socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 18\r\n\r\npod does not exist");
      return;
    }
    seen.push(incoming);
    socket.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: SPDY/3.1\r\nconnection: Upgrade\r\n\r\nwelcome ");
    socket.on("data", (chunk: Buffer) => (chunk.toString() === "bye" ? socket.end("last words") : socket.write(chunk)));
  });
  return server;
}

describe("SPDY inside a WebSocket", () => {
  const seen: IncomingMessage[] = [];
  let backend: Server;
  let front: Server;
  before(async () => {
    backend = createBackend(seen);
    await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
    const upstream: Upstream = { isTls: false, host: "127.0.0.1", port: (backend.address() as AddressInfo).port };
    const handler = panicGuard(silentLogger)(({ exchange }) => {
      expect(asksForSpdyTunnel(exchange)).to.equal(true);
      return tunnelSpdy(exchange, upstream, exchange.url.path);
    });
    front = createMemoryServer(requestListener(handler));
    await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  });
  after(() => {
    for (const server of [front, backend]) {
      server.closeAllConnections();
      server.close();
    }
  });

  /** Asks for a WebSocket as kubectl does. */
  const open = (path: string): Promise<{ readonly answer: IncomingMessage; readonly socket?: Socket }> =>
    new Promise((resolve, reject) => {
      const outgoing = request({
        path,
        headers: {
          connection: "Upgrade",
          upgrade: "websocket",
          "sec-websocket-version": "13",
          "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
          "sec-websocket-protocol": `${protocol}, base64url.bearer.authorization.k8s.io.c2VjcmV0`,
        },
        port: (front.address() as AddressInfo).port,
      });
      outgoing.once("upgrade", (answer, socket, head) => {
        socket.unshift(head);
        resolve({ answer, socket: socket as Socket });
      });
      outgoing.once("response", (answer) => resolve({ answer }));
      outgoing.once("error", reject);
      outgoing.end();
    });

  it("becomes a SPDY connection behind, whose bytes go both ways until it ends", async () => {
    const { answer, socket } = await open("/portForward/default/web");
    expect(answer.headers["sec-websocket-protocol"]).to.equal(protocol);
    let received = Buffer.alloc(0);
    socket?.write(message(binary, "ping"));
    for await (const chunk of socket ?? []) {
      received = Buffer.concat([received, chunk as Buffer]);
      const opcodes = messages(received).map(({ opcode }) => opcode);
      if (opcodes.length === 2) socket?.write(message(binary, "bye"));
      if (opcodes.includes(close)) socket?.end(message(close, ""));
    }
    const texts = messages(received).filter(({ opcode }) => opcode === binary);
    expect(texts.map(({ text }) => text).join("")).to.equal("welcome pinglast words");
  });

  it("asks the server behind for SPDY and tells it nothing of the WebSocket", async () => {
    const { socket } = await open("/portForward/default/web");
    socket?.destroy();
    const { method, headers } = seen.at(-1) as IncomingMessage;
    expect({ method, upgrade: headers.upgrade, version: headers["x-stream-protocol-version"] }).to.deep.equal({
      method: "POST",
      upgrade: "SPDY/3.1",
      version: "portforward.k8s.io",
    });
    expect(Object.keys(headers).filter((name) => name.startsWith("sec-websocket"))).to.deep.equal([]);
  });

  it("is refused as the server behind refuses, before anything is upgraded", async () => {
    const { answer } = await open("/portForward/default/gone");
    let text = "";
    for await (const chunk of answer) text += String(chunk);
    expect(answer.statusCode).to.equal(404);
    expect(JSON.parse(text)).to.include({ kind: "Status", message: "pod does not exist" });
  });
});

const [binary, close] = [2, 8];

/** One masked frame, as clients send; masking with zeros leaves the bytes as they are. */
function message(opcode: number, text: string): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

/** What a server sent, none of it long. */
function messages(bytes: Buffer): { readonly opcode: number; readonly text: string }[] {
  const found = [];
  for (let start = 0; start < bytes.length; ) {
    const end = start + 2 + (bytes[start + 1] ?? 0);
    found.push({ opcode: (bytes[start] ?? 0) & 0xf, text: bytes.subarray(start + 2, end).toString() });
    start = end;
  }
  return found;
}

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { silentLogger } from "@tskube/base";
import { expect } from "chai";
import WebSocket, { WebSocketServer } from "ws";
import { HttpError } from "./http-error.ts";
import { type KubeletServer, startKubeletServer } from "./kubelet-server.ts";
import { proxyStream } from "./stream-proxy.ts";

describe("kubelet server", () => {
  let server: KubeletServer;
  let streaming: Server;
  let streamingUrl: string;
  let mayPass = true;

  before(async () => {
    streaming = createServer();
    const sockets = new WebSocketServer({ server: streaming, handleProtocols: () => "v4.channel.k8s.io" });
    sockets.on("connection", (socket, request) => {
      socket.send(`${request.url} ${request.headers.authorization ?? "no credentials"}`);
      socket.on("message", (message) => socket.send(`echo ${message}`));
    });
    await new Promise<void>((resolve) => streaming.listen(0, "127.0.0.1", resolve));
    streamingUrl = `http://127.0.0.1:${(streaming.address() as AddressInfo).port}/exec/token`;
    server = await startKubeletServer({
      host: "127.0.0.1",
      port: 0,
      tls: undefined,
      access: {
        check: async () => {
          if (!mayPass) throw new HttpError(403, "Forbidden");
          return { name: "alice", groups: [] };
        },
      },
      handlers: {
        pods: ({ parts, query }, response) => void response.end(JSON.stringify([parts, query.get("q")])),
        broken: () => {
          throw new Error("no luck");
        },
      },
      upgrades: {
        exec: ({ request }, socket, head) =>
          proxyStream(request, socket, head, streamingUrl, { idleMs: 5000, connectMs: 1000 }),
      },
      logger: silentLogger,
    });
  });

  afterEach(() => {
    mayPass = true;
  });

  after(async () => {
    await server.close();
    streaming.closeAllConnections();
    await new Promise((resolve) => streaming.close(resolve));
  });

  const get = (path: string) =>
    fetch(`http://127.0.0.1:${server.port}${path}`).then(async (answer) => [answer.status, await answer.text()]);

  it("hands requests on by the first part of their path", async () => {
    expect(await get("/pods/a%2Fb/?q=1")).to.deep.equal([200, '[["a/b"],"1"]']);
    expect(await get("/none")).to.deep.equal([404, "404 page not found"]);
    expect(await get("/broken")).to.deep.equal([500, "no luck"]);
    expect(await get("/%zz")).to.deep.equal([400, "malformed path"]);
    expect(await get("/exec/ns/pod/main")).to.deep.equal([400, "Upgrade request required"]);
  });

  it("hands an upgraded connection on to the runtime, without the user's credentials", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/exec/ns/pod/main`, ["v4.channel.k8s.io"], {
      headers: { authorization: "Bearer secret" },
    });
    const messages: string[] = [];
    await new Promise<void>((resolve, reject) => {
      socket.on("error", reject);
      socket.on("open", () => socket.send("hi"));
      socket.on("message", (message) => messages.push(String(message)) === 2 && resolve());
    });
    socket.close();
    expect(messages).to.deep.equal(["/exec/token no credentials", "echo hi"]);
  });

  it("refuses who may not, before any handler sees the request", async () => {
    mayPass = false;
    expect(await get("/pods")).to.deep.equal([403, "Forbidden"]);
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/exec/ns/pod/main`);
    const status = await new Promise((resolve) => {
      socket.on("unexpected-response", (_, response) => resolve(response.statusCode));
      socket.on("error", () => {});
    });
    expect(status).to.equal(403);
  });
});

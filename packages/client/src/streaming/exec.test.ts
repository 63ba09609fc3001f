import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { isForbidden } from "@tskube/apimachinery";
import { expect } from "chai";
import { type WebSocket, WebSocketServer } from "ws";
import type { ClientConfig } from "../config/client-config.ts";
import { type ExecOptions, exec } from "./exec.ts";

describe("exec", () => {
  let server: Server;
  let sockets: WebSocketServer;
  let config: ClientConfig;
  let refusal: string | undefined;
  let onConnection: (socket: WebSocket, url: string) => void;
  let speaks: string;

  beforeEach(async () => {
    refusal = undefined;
    speaks = "v5.channel.k8s.io";
    server = createServer();
    sockets = new WebSocketServer({
      noServer: true,
      handleProtocols: (offered) => (offered.has(speaks) ? speaks : false),
    });
    server.on("upgrade", (request, socket, head) => {
      if (refusal) return socket.end(`HTTP/1.1 403 Forbidden\r\ncontent-length: ${refusal.length}\r\n\r\n${refusal}`);
      sockets.handleUpgrade(request, socket, head, (accepted) => onConnection(accepted, request.url ?? ""));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    config = {
      server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      tls: () => ({}),
      namespace: "default",
    };
  });
  afterEach(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  });

  const run = (more: Partial<ExecOptions> = {}) =>
    exec(config, { namespace: "default", pod: "web", command: ["sh", "-c", "cat"], ...more });
  const send = (socket: WebSocket, to: number, text: string) =>
    socket.send(Buffer.concat([Buffer.of(to), Buffer.from(text)]));
  const exit = (code: number) =>
    JSON.stringify(
      code === 0
        ? { status: "Success" }
        : {
            status: "Failure",
            reason: "NonZeroExitCode",
            details: { causes: [{ reason: "ExitCode", message: String(code) }] },
          },
    );

  it("asks for the streams it wants, hands out output and resolves with the exit code", async () => {
    let asked = "";
    onConnection = (socket, url) => {
      asked = url;
      send(socket, 1, "out");
      send(socket, 2, "err");
      send(socket, 3, exit(7));
      socket.close();
    };
    const said: string[] = [];
    const { exitCode } = await run({
      container: "app",
      onStdout: (data) => said.push(`1 ${Buffer.from(data)}`),
      onStderr: (data) => said.push(`2 ${Buffer.from(data)}`),
    });
    expect(await exitCode).to.equal(7);
    expect(said).to.deep.equal(["1 out", "2 err"]);
    expect(asked).to.equal(
      "/api/v1/namespaces/default/pods/web/exec?container=app&command=sh&command=-c&command=cat&stdout=true&stderr=true",
    );
  });

  for (const [protocol, closes] of [
    ["v5.channel.k8s.io", true],
    ["v4.channel.k8s.io", false],
  ] as const) {
    it(`sends stdin over ${protocol} and ${closes ? "closes it" : "cannot close it"}`, async () => {
      speaks = protocol;
      const frames: string[] = [];
      onConnection = (socket) => {
        socket.on("message", (data: Buffer) => {
          frames.push(`${data[0]} ${data[0] === 255 ? data[1] : data.subarray(1)}`);
          if (frames.length === (closes ? 3 : 2)) send(socket, 3, exit(0));
        });
      };
      async function* stdin() {
        yield "a";
        yield "b";
      }
      const { exitCode } = await run({ stdin: stdin() });
      expect(await exitCode).to.equal(0);
      expect(frames).to.deep.equal(["0 a", "0 b", ...(closes ? ["255 0"] : [])]);
    });
  }

  it("rejects with the server's Status when it refuses", async () => {
    refusal = JSON.stringify({ kind: "Status", status: "Failure", reason: "Forbidden", code: 403, message: "no" });
    expect(isForbidden(await run().catch((error: unknown) => error))).to.equal(true);
  });

  it("says so when the stream ends before the command, or is aborted", async () => {
    onConnection = (socket) => socket.close();
    const broken = await run();
    expect(String(await broken.exitCode.catch((error: unknown) => error))).to.contain(
      "stream closed before the command ended",
    );
    onConnection = () => {};
    const stop = new AbortController();
    const aborted = await run({ signal: stop.signal });
    stop.abort();
    expect(await aborted.exitCode.catch((error: unknown) => error)).to.be.instanceOf(Error);
  });

  it("tells the size of the terminal", async () => {
    const told = new Promise<string>((resolve) => {
      onConnection = (socket) => socket.on("message", (data: Buffer) => resolve(data.toString("utf8")));
    });
    const session = await run({ tty: true });
    session.resize({ columns: 80, rows: 24 });
    expect(await told).to.equal('\u0004{"Width":80,"Height":24}');
    session.close();
  });
});

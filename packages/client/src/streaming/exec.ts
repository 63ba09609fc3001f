import { type ClientOptions, WebSocket } from "ws";
import type { ClientConfig } from "../config/client-config.ts";
import { queryString } from "../rest/resource.ts";
import { statusErrorOf } from "../rest/status.ts";
import {
  channel,
  decodeFrame,
  encodeFrame,
  encodeResize,
  readExit,
  subprotocols,
  type TerminalSize,
} from "./channels.ts";

export interface ExecOptions {
  readonly namespace: string;
  readonly pod: string;
  readonly container?: string;
  /** Runs this; absent attaches to what the container runs already. */
  readonly command?: readonly string[];
  readonly tty?: boolean;
  /** Sent as it comes; its end closes the command's standard input where the server speaks v5. */
  readonly stdin?: AsyncIterable<Uint8Array | string>;
  readonly onStdout?: (data: Uint8Array) => void;
  readonly onStderr?: (data: Uint8Array) => void;
  readonly signal?: AbortSignal;
}

export interface ExecSession {
  /** Resolves with the command's exit code; rejects when it could not be run or the stream broke. */
  readonly exitCode: Promise<number>;
  resize(size: TerminalSize): void;
  close(): void;
}

const maxMessageBytes = 4 << 20;
/** More than that unsent means that the other side does not read: wait before taking more of stdin. */
const highWaterBytes = 1 << 20;
const drainPollMs = 10;

/** Opens exec or attach over a WebSocket. Rejects with the server's StatusError when it refuses. */
export async function exec(config: ClientConfig, options: ExecOptions): Promise<ExecSession> {
  const path = streamPath(options);
  const socket = new WebSocket(config.server.replace(/^http/, "ws") + path, [...subprotocols], socketOptions(config));
  const exitCode = watchExit(socket, options);
  exitCode.catch(() => {}); // a caller that waits for the opening only must not meet an unhandled rejection
  await opened(socket, path);
  options.signal?.addEventListener("abort", () => socket.terminate(), { once: true });
  if (options.signal?.aborted) socket.terminate();
  if (options.stdin) void sendStdin(socket, options.stdin).catch(() => socket.terminate());
  return {
    exitCode,
    resize: (size) => socket.send(encodeResize(size)),
    close: () => socket.close(),
  };
}

function streamPath({ namespace, pod, container, command, tty, stdin, onStderr }: ExecOptions): string {
  const query = queryString({
    container,
    command,
    tty,
    stdin: stdin !== undefined,
    stdout: true,
    stderr: onStderr !== undefined && !tty,
  });
  const verb = command === undefined ? "attach" : "exec";
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/${verb}${query}`;
}

function socketOptions(config: ClientConfig): ClientOptions {
  const { ca, cert, key, servername, insecure } = config.tls();
  const authorization = config.authorization?.();
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(servername && { servername }),
    rejectUnauthorized: !insecure,
    maxPayload: maxMessageBytes,
    headers: authorization ? { authorization } : {},
  };
}

function opened(socket: WebSocket, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("error", reject);
    socket.once("unexpected-response", (_request, response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        if (body.length < maxMessageBytes) body += chunk;
      });
      response.on("end", () => reject(statusErrorOf(response.statusCode ?? 0, body, { method: "GET", path })));
    });
  });
}

function watchExit(socket: WebSocket, { onStdout, onStderr }: ExecOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.on("message", (message: Buffer) => {
      const frame = decodeFrame(message);
      if (frame?.channel === channel.stdout) onStdout?.(frame.data);
      else if (frame?.channel === channel.stderr) onStderr?.(frame.data);
      else if (frame?.channel === channel.error && frame.data.byteLength > 0) {
        const exit = readExit(frame.data);
        if ("exitCode" in exit) resolve(exit.exitCode);
        else reject(new Error(exit.failure));
      }
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("stream closed before the command ended")));
  });
}

async function sendStdin(socket: WebSocket, stdin: AsyncIterable<Uint8Array | string>): Promise<void> {
  for await (const chunk of stdin) {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(encodeFrame(channel.stdin, chunk));
    while (socket.bufferedAmount > highWaterBytes) await new Promise((resolve) => setTimeout(resolve, drainPollMs));
  }
  if (socket.readyState === WebSocket.OPEN && socket.protocol === subprotocols[0])
    socket.send(Uint8Array.of(channel.close, channel.stdin));
}

import type { Socket } from "node:net";
import { PassThrough, type Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { errorMessage } from "@tskube/base";
import type { SpdyConnection, SpdyStream } from "spdy-transport";
import type { RawData, WebSocket } from "ws";
import type { PodDialer } from "./pod-dialer.ts";
import { endStream } from "./remote-streams.ts";
import { channelWriter, toBuffer } from "./websocket-streams.ts";

/** Copies both ways. What the pod sends decides: when it has ended, the connection is over, though the client may have more to say. */
async function join(pod: Socket, fromClient: Readable, toClient: Writable): Promise<void> {
  fromClient.pipe(pod);
  pod.on("error", () => {});
  await pipeline(pod, toClient).catch(() => {});
  fromClient.unpipe(pod);
  pod.destroy();
}

/** Forwards over SPDY: for each connection the client opens a data and an error stream with the same `requestid`. */
export function forwardOverSpdy(connection: SpdyConnection, dialer: PodDialer): Promise<void> {
  const waiting = new Map<string, Partial<Record<string, SpdyStream>>>();
  connection.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.respond(200, {});
    const { streamtype = "", requestid = "", port = "" } = stream.headers;
    const pair = { ...waiting.get(requestid), [streamtype]: stream };
    waiting.set(requestid, pair);
    if (!pair["data"] || !pair["error"]) return;
    waiting.delete(requestid);
    void forwardPair(dialer, Number(port), pair["data"], pair["error"]);
  });
  return new Promise((resolve) => connection.on("close", () => resolve()));
}

async function forwardPair(dialer: PodDialer, port: number, data: SpdyStream, error: SpdyStream): Promise<void> {
  try {
    const socket = await dialer.dial(port);
    await join(socket, data, data);
  } catch (cause) {
    error.write(forwardError(port, cause));
    data.end();
  }
  await endStream(error);
}

const forwardError = (port: number, cause: unknown): string =>
  `error forwarding port ${port} to pod: ${errorMessage(cause)}`;

/** Forwards over a WebSocket (v4): channels 2i and 2i+1 are data and errors of the i-th port, and each begins with the port, little-endian. */
export async function forwardOverWebSocket(
  socket: WebSocket,
  ports: readonly number[],
  dialer: PodDialer,
): Promise<void> {
  const inputs = ports.map(() => new PassThrough());
  socket.on("message", (message: RawData) => {
    const data = toBuffer(message);
    const channel = data[0] ?? 255;
    const input = channel % 2 === 0 ? inputs[channel / 2] : undefined;
    if (!input || input.writableEnded || input.write(data.subarray(1))) return;
    socket.pause();
    input.once("drain", () => socket.resume());
  });
  socket.once("close", () => {
    for (const input of inputs) input.end();
  });
  socket.on("error", () => socket.terminate());
  await Promise.all(
    ports.map((port, index) => forwardChannel(socket, port, index, inputs[index] ?? new PassThrough(), dialer)),
  );
  socket.close(1000);
}

async function forwardChannel(
  socket: WebSocket,
  port: number,
  index: number,
  input: PassThrough,
  dialer: PodDialer,
): Promise<void> {
  const data = channelWriter(socket, 2 * index);
  const error = channelWriter(socket, 2 * index + 1);
  const portBytes = Buffer.alloc(2);
  portBytes.writeUInt16LE(port);
  for (const writer of [data, error] as Writable[]) {
    writer.on("error", () => {});
    writer.write(portBytes);
  }
  try {
    const target = await dialer.dial(port);
    await join(target, input, data);
  } catch (cause) {
    error.write(forwardError(port, cause));
  }
  await Promise.all([endStream(data), endStream(error)]);
}

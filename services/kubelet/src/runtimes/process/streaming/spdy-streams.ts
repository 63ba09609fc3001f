import { once } from "node:events";
import type { Duplex, Writable } from "node:stream";
import { type Clock, sleep } from "@tskube/base";
import { CriError } from "@tskube/cri";
import spdyTransport, { type SpdyConnection, type SpdyStream, type SpdyWindow } from "spdy-transport";
import { endStream, parseTerminalSize, type RemoteStreams, SizeFeed, type TerminalSize } from "./remote-streams.ts";

const streamTimeoutMs = 10_000;

export interface SpdyWishes {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** A SPDY/3.1 server on a connection that has been upgraded. */
export function spdyServer(socket: Duplex): SpdyConnection {
  const connection = spdyTransport.connection.create(socket, { protocol: "spdy", isServer: true });
  connection.on("error", () => socket.destroy());
  acceptStreamsWithoutPath(connection);
  leaveFlowToConnection(connection._spdyState.window);
  connection.on("stream", (stream) => leaveFlowToConnection(stream._spdyState.window));
  connection.start(3.1);
  return connection;
}

/**
 * Kubernetes' clients open streams with headers of their own only, where spdy-transport wants those of an HTTP request and ends the
 * connection without them: they are filled in as they are read.
 */
function acceptStreamsWithoutPath({ _spdyState: { parser } }: SpdyConnection): void {
  const parse = parser.parseKVs.bind(parser);
  parser.parseKVs = (body, callback) =>
    parse(body, (error, headers) => callback(error, headers && { ":method": "POST", ":path": "/", ...headers }));
}

/**
 * Kubernetes' clients have no part in SPDY's flow control: they never tell what they have read, so that a window would let its first 64 KiB
 * through and then stay shut. What slows the sender down is the connection itself.
 */
function leaveFlowToConnection({ send }: SpdyWindow): void {
  send.update = (_size, callback) => {
    if (callback) process.nextTick(callback);
  };
}

/** The streams of a session, one SPDY stream each, named by their header `streamtype`. Waits until the client has opened all. */
export async function spdyStreams(
  connection: SpdyConnection,
  wishes: SpdyWishes,
  clock: Clock,
): Promise<RemoteStreams> {
  const gone = new AbortController();
  connection.on("close", () => gone.abort());
  const streams = await collectStreams(connection, wantedTypes(wishes), clock, gone.signal);
  const sizes = new SizeFeed();
  readSizes(streams.get("resize"), (size) => sizes.push(size));
  const stdout: Writable | undefined = streams.get("stdout");
  const stderr: Writable | undefined = streams.get("stderr");
  return {
    stdin: streams.get("stdin"),
    stdout,
    stderr,
    gone: gone.signal,
    onResize: (listener) => sizes.listen(listener),
    async finish(status) {
      await Promise.all([endStream(stdout), endStream(stderr)]);
      const error = streams.get("error");
      error?.write(status);
      await endStream(error);
      connection.end();
    },
  };
}

function wantedTypes({ stdin, stdout, stderr, tty }: SpdyWishes): string[] {
  const types = ["error"];
  if (stdin) types.push("stdin");
  if (stdout) types.push("stdout");
  if (stderr && !tty) types.push("stderr");
  if (tty) types.push("resize");
  return types;
}

async function collectStreams(connection: SpdyConnection, wanted: readonly string[], clock: Clock, gone: AbortSignal) {
  const streams = new Map<string, SpdyStream>();
  const complete = new AbortController();
  connection.on("stream", (stream) => {
    stream.on("error", () => {}); // a stream that the client resets ends the session by other ways
    stream.respond(200, {});
    streams.set(stream.headers["streamtype"] ?? "", stream);
    if (wanted.every((type) => streams.has(type))) complete.abort();
  });
  await Promise.race([sleep(clock, streamTimeoutMs, complete.signal), gone.aborted ? undefined : once(gone, "abort")]);
  if (!complete.signal.aborted) {
    connection.end();
    throw new CriError("DEADLINE_EXCEEDED", "timed out waiting for client to create streams");
  }
  return streams;
}

/** Sizes come as JSON values one after the other, in whatever pieces. */
function readSizes(stream: SpdyStream | undefined, onSize: (size: TerminalSize) => void): void {
  let text = "";
  stream?.on("data", (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-4096);
    for (let end = text.indexOf("}"); end >= 0; end = text.indexOf("}")) {
      const size = parseTerminalSize(text.slice(0, end + 1));
      text = text.slice(end + 1);
      if (size) onSize(size);
    }
  });
}

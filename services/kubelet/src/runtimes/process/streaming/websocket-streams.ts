import { PassThrough, Writable } from "node:stream";
import type { RawData, WebSocket } from "ws";
import { endStream, parseTerminalSize, type RemoteStreams, SizeFeed } from "./remote-streams.ts";

const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

export const channelProtocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;

export interface StreamWishes {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** The channels of a WebSocket (protocols v4 and v5: the first byte of each message is its channel). */
export function webSocketStreams(socket: WebSocket, wishes: StreamWishes): RemoteStreams {
  const gone = new AbortController();
  const sizes = new SizeFeed();
  const stdin = wishes.stdin ? new PassThrough() : undefined;
  const stdout = wishes.stdout ? channelWriter(socket, channels.stdout) : undefined;
  const stderr = wishes.stderr ? channelWriter(socket, channels.stderr) : undefined;

  const receive: Record<number, (payload: Buffer) => void> = {
    [channels.stdin](payload) {
      if (!stdin || stdin.writableEnded || stdin.write(payload)) return;
      socket.pause();
      stdin.once("drain", () => socket.resume());
    },
    [channels.resize](payload) {
      const size = parseTerminalSize(payload.toString());
      if (size) sizes.push(size);
    },
    // Version 5 only: the client has no more input.
    [channels.close](payload) {
      if (payload[0] === channels.stdin) stdin?.end();
    },
  };
  socket.on("message", (data: RawData) => {
    const message = toBuffer(data);
    receive[message[0] ?? -1]?.(message.subarray(1));
  });
  socket.once("close", () => {
    stdin?.end();
    gone.abort();
  });
  socket.on("error", () => socket.terminate());
  // Clients wait for a first message to know that the session has begun.
  socket.send(Buffer.from([stdout ? channels.stdout : stderr ? channels.stderr : channels.error]));

  return {
    stdin,
    stdout,
    stderr,
    gone: gone.signal,
    onResize: (listener) => sizes.listen(listener),
    async finish(status) {
      await Promise.all([endStream(stdout), endStream(stderr)]);
      await send(socket, channels.error, Buffer.from(status)).catch(() => {});
      socket.close(1000);
    },
  };
}

/** Takes more only when the socket has taken what came before: a slow client slows the program, and nothing piles up here. */
export function channelWriter(socket: WebSocket, channel: number): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      send(socket, channel, chunk).then(() => done(), done);
    },
  });
}

function send(socket: WebSocket, channel: number, payload: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(Buffer.concat([Buffer.from([channel]), payload]), (error) => (error ? reject(error) : resolve()));
  });
}

export function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

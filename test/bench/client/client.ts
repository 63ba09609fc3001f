export interface BenchRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Keeps the answer's body; without it only its length is counted, so that the client costs little. */
  readonly keepsBody?: boolean;
}

export interface BenchAnswer {
  readonly status: number;
  readonly bytes: number;
  /** Of a kept or failed answer. */
  readonly body: Buffer;
}

/** A client with a certificate, over one protocol. */
export interface BenchClient {
  send(request: BenchRequest): Promise<BenchAnswer>;
  /** Opens a stream on a connection (HTTP/1.1) or stream (HTTP/2) of its own; resolves once the answer has begun. */
  stream(request: BenchRequest, onData: (chunk: Buffer) => void): Promise<BenchStream>;
  close(): void;
}

export interface BenchStream {
  close(): void;
}

export interface Endpoint {
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Sends and fails unless the answer is a success. */
export async function must(client: BenchClient, request: BenchRequest): Promise<BenchAnswer> {
  const answer = await client.send(request);
  if (answer.status >= 300) {
    const text = answer.body.toString("utf8").slice(0, 500);
    throw new Error(`${request.method} ${request.path} was answered with ${answer.status}: ${text}`);
  }
  return answer;
}

/** Gathers an answer's body as far as it is wanted. */
export function bodyCollector(keepsBody: boolean): { add(chunk: Buffer): void; end(status: number): BenchAnswer } {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return {
    add(chunk) {
      bytes += chunk.byteLength;
      if (keepsBody) chunks.push(chunk);
    },
    end: (status) => ({ status, bytes, body: Buffer.concat(chunks) }),
  };
}

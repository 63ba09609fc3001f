/** One HTTP request to an API server. Header names are lower-case. */
export interface TransportRequest {
  readonly method: string;
  /** Path and query, starting with a slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Ends the request, and the response's body with it. */
  readonly signal?: AbortSignal;
  /** Gives up when no response has begun by then; absent means the transport's default. */
  readonly timeoutMs?: number;
}

export interface TransportResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Decompressed. Leaving the loop early closes the response; a body must be read or left, or its connection stays taken. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The whole body at once instead of `body`, where the transport has a shorter way to it; throws when it is longer than `limitBytes`. */
  collect?(limitBytes: number): Promise<Buffer>;
}

/** The way to an API server: TLS over a socket, or a handler in the same process. */
export interface Transport {
  /** Rejects only when no response was had; every HTTP status is a response. */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Closes idle connections; requests under way are cut. */
  close(): void;
}

/** A transport that calls `handler`, with no socket in between. */
export function over(handler: (request: TransportRequest) => Promise<TransportResponse>): Transport {
  return { send: handler, close() {} };
}

/** The whole of an answer, by the shortest way; throws when it is longer than `limitBytes`. */
export function readAnswer(response: TransportResponse, limitBytes: number): Promise<Buffer> {
  return response.collect?.(limitBytes) ?? readBody(response.body, limitBytes);
}

/** The whole of a body; throws when it is longer than `limitBytes`. */
export async function readBody(body: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > limitBytes) throw tooLong(limitBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? Buffer.from(chunks[0] as Uint8Array) : Buffer.concat(chunks, size);
}

export function tooLong(limitBytes: number): Error {
  return new Error(`response is longer than ${limitBytes} bytes`);
}

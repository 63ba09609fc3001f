import type { IncomingMessage } from "node:http";
import type { User } from "../../auth/user.ts";
import { exchangeFailure } from "../../webhook-client/call-errors.ts";
import { identityHeaders } from "./identity-headers.ts";
import type { OpenedCall, Remote } from "./remote.ts";

export interface FetchOptions {
  readonly user: User;
  readonly accept: string;
  readonly etag?: string | undefined;
  readonly timeoutMs: number;
  readonly limitBytes: number;
  readonly signal: AbortSignal;
}

export interface Fetched {
  readonly status: number;
  readonly contentType: string;
  readonly etag: string | undefined;
  readonly body: Buffer;
}

/** Gets a whole document from an extension server, for this server's own use. Throws when none comes in time. */
export async function fetchRemote(remote: Remote, path: string, options: FetchOptions): Promise<Fetched> {
  const { user, accept, etag, timeoutMs, limitBytes } = options;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)]);
  const headers = { ...identityHeaders(user), accept, ...(etag && { "if-none-match": etag }) };
  const answer = await answerOf(remote.open({ method: "GET", path, headers, signal }));
  return {
    status: answer.statusCode ?? 0,
    contentType: answer.headers["content-type"] ?? "",
    etag: answer.headers.etag,
    body: await readAll(answer, limitBytes),
  };
}

/** Ends the request and waits for its answer's head. */
export function answerOf({ request, endpoint }: OpenedCall): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    request.on("error", (cause) => reject(new Error(exchangeFailure(cause, endpoint), { cause })));
    request.end();
  });
}

async function readAll(answer: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    size += (chunk as Buffer).byteLength;
    if (size > limitBytes) {
      answer.destroy();
      throw new Error(`the answer is larger than ${limitBytes} bytes`);
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

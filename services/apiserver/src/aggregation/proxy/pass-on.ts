import type { IncomingMessage } from "node:http";
import type { Exchange } from "../../http/exchange.ts";
import { answerHeaders } from "./forwarded-headers.ts";
import { sendText } from "./send-text.ts";

export interface PassOnOptions {
  /** Whether answers that send the client elsewhere are kept from it (`--aggregator-reject-forwarding-redirect`). */
  readonly rejectRedirects: boolean;
  /** Ends what streams when the server stops. */
  readonly draining: AbortSignal;
  /** Headers that are not passed on, for extension servers would believe them. */
  readonly isIdentityHeader: (name: string) => boolean;
}

const redirectMessage = "the backend attempted to redirect this request, which is not permitted";

/** Gives the client an extension server's answer as it comes; one that `streams` is begun before anything of it has come. */
export async function passOn(
  answer: IncomingMessage,
  exchange: Exchange,
  streams: boolean,
  options: PassOnOptions,
): Promise<void> {
  if (options.rejectRedirects && isRedirect(answer)) {
    answer.destroy();
    return sendText(exchange, 502, redirectMessage);
  }
  exchange.begin(answer.statusCode ?? 502, answerHeaders(answer));
  if (streams) exchange.flushHeaders();
  await pump(answer, exchange, streams ? options.draining : undefined);
}

function isRedirect({ statusCode = 0, headers }: IncomingMessage): boolean {
  return statusCode >= 300 && statusCode <= 399 && headers.location !== undefined;
}

/** Passes a body on, no faster than the client reads. */
async function pump(answer: IncomingMessage, exchange: Exchange, draining: AbortSignal | undefined): Promise<void> {
  try {
    for await (const chunk of answer) {
      if (!exchange.write(chunk as Buffer)) await exchange.drained();
      if (exchange.isGone) return;
    }
  } catch (error) {
    // Of a stream that this server ends itself, what has been sent is whole.
    if (!draining?.aborted) throw error;
  } finally {
    answer.destroy();
  }
  exchange.end();
}

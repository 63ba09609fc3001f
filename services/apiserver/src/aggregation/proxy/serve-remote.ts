import type { IncomingMessage } from "node:http";
import { isLongRunning } from "../../filters/request-timeout.ts";
import type { Handler, RequestContext } from "../../http/context.ts";
import type { Exchange } from "../../http/exchange.ts";
import { bodyFraming, forwardedHeaders } from "./forwarded-headers.ts";
import type { HeaderValues } from "./identity-headers.ts";
import { NotReached, notReached, openFor } from "./open-call.ts";
import { type PassOnOptions, passOn } from "./pass-on.ts";
import type { OpenedCall, Remote } from "./remote.ts";
import { sendText } from "./send-text.ts";
import { serveUpgrade } from "./serve-upgrade.ts";

/** Discovery is asked by every client and for all groups: none may hold the others up. */
const discoveryTimeoutMs = 5_000;

/** Answers a request with what the extension server answers. The request has been authenticated and authorized. */
export function serveRemote(remote: Remote, options: PassOnOptions): Handler {
  return async (context) => {
    const { exchange } = context;
    if (!remote.isAvailable) return sendText(exchange, 503, "service unavailable");
    if (isAmbiguous(context)) return sendText(exchange, 400, "invalid path");
    try {
      await (exchange.upgrade ? serveUpgrade : forward)(remote, context, options);
    } catch (error) {
      if (!(error instanceof NotReached)) throw error;
      exchange.signal.throwIfAborted();
      sendText(exchange, 503, error.message);
    }
  };
}

/** Paths that the server behind could take for others than were authorized: with dots to resolve, or slashes within a segment. */
function isAmbiguous({ exchange, info }: RequestContext): boolean {
  const { rawPath } = exchange.url;
  const authorized = rawPath.slice(0, rawPath.length - info.rest.length);
  return /%2f/i.test(authorized) || rawPath.split("/").some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment));
}

async function forward(remote: Remote, context: RequestContext, options: PassOnOptions): Promise<void> {
  const streams = isLongRunning(context);
  const signal = signalOf(context, streams, options);
  const headers = forwardedHeaders(context, options.isIdentityHeader);
  const answer = await firstAnswer(remote, context, headers, signal);
  await passOn(answer, context.exchange, streams, options);
}

function signalOf({ exchange, info }: RequestContext, streams: boolean, { draining }: PassOnOptions): AbortSignal {
  if (streams) return AbortSignal.any([exchange.signal, draining]);
  if (info.isResource) return exchange.signal;
  return AbortSignal.any([exchange.signal, AbortSignal.timeout(discoveryTimeoutMs)]);
}

async function firstAnswer(
  remote: Remote,
  context: RequestContext,
  headers: HeaderValues,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const framing = bodyFraming(context.exchange);
  for (;;) {
    const call = openFor(remote, context, { ...headers, ...framing }, signal);
    try {
      return await answerTo(call, framing && context.exchange);
    } catch (cause) {
      // The server closed a kept connection just when the request went out: it has not seen it.
      if (call.request.reusedSocket && !framing && !signal.aborted) continue;
      throw notReached(call, cause);
    }
  }
}

/** `body` is the exchange whose body goes along. */
function answerTo({ request }: OpenedCall, body: Exchange | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    request.on("error", reject);
    if (body) body.request.pipe(request);
    else request.end();
  });
}

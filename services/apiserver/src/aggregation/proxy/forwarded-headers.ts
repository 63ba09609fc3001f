import type { IncomingMessage } from "node:http";
import type { RequestContext } from "../../http/context.ts";
import type { Exchange } from "../../http/exchange.ts";
import { endToEndHeaders } from "../../proxy/upstream.ts";
import { type HeaderValues, identityHeaders } from "./identity-headers.ts";

/** The headers of a client's request as an extension server gets it: its user as this server knows it, whatever the client claims. */
export function forwardedHeaders(context: RequestContext, isIdentityHeader: (name: string) => boolean): HeaderValues {
  const { exchange, user, auditId } = context;
  const headers: HeaderValues = {};
  for (const [name, value] of Object.entries(endToEndHeaders(exchange))) {
    if (!isIdentityHeader(name) && name !== "expect") headers[name] = value;
  }
  return { ...headers, ...identityHeaders(user), ...forwardingHeaders(exchange), "audit-id": auditId };
}

function forwardingHeaders(exchange: Exchange): HeaderValues {
  const before = exchange.header("x-forwarded-for");
  const { remoteAddress } = exchange.connection;
  const host = exchange.header("host") ?? exchange.header(":authority");
  return {
    "x-forwarded-for": before ? `${before}, ${remoteAddress}` : remoteAddress,
    ...(host && { "x-forwarded-host": host }),
    "x-forwarded-proto": "https",
    "x-forwarded-uri": exchange.url.rawPath,
  };
}

/** How a request's body is marked off on the next connection; undefined when it has none. */
export function bodyFraming({ request }: Exchange): HeaderValues | undefined {
  const length = request.headers["content-length"];
  if (length !== undefined) return length === "0" ? undefined : {};
  const isFramed = "stream" in request ? !request.stream.endAfterHeaders : request.headers["transfer-encoding"];
  return isFramed ? { "transfer-encoding": "chunked" } : undefined;
}

/** What an answer says for the connection behind, or for browsers about this server. */
const dropped =
  /^(?:(?:proxy-)?connection|keep-alive|proxy-authenticate|te|trailer|transfer-encoding|upgrade|http2-settings|access-control-.*)$/;

/** The headers of an extension server's answer as the client gets them. */
export function answerHeaders({ headers }: IncomingMessage): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !dropped.test(name)) kept[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return kept;
}

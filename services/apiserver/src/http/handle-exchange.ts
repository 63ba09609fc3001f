import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { anonymousUser } from "../auth/user.ts";
import { requestInfo } from "../filters/request-info.ts";
import type { Handler, RequestContext } from "./context.ts";
import { Exchange, type Upgrade } from "./exchange.ts";

type NodeRequest = IncomingMessage | Http2ServerRequest;
type NodeResponse = ServerResponse | Http2ServerResponse;

/** Turns Node's requests into exchanges and hands them to `handler`, which never rejects. */
export function requestListener(handler: Handler) {
  return (request: NodeRequest, response: NodeResponse, upgrade?: Upgrade): void => {
    // A client that goes away in the middle of an answer is no error of ours.
    response.on("error", () => {});
    request.on("error", () => {});
    let context: RequestContext;
    try {
      context = createContext(new Exchange(request, response, upgrade));
    } catch {
      // The target is not valid percent-encoding.
      (response as ServerResponse)
        .writeHead(400, { "content-type": "text/plain" })
        .end("400 Bad Request: invalid URI\n");
      return;
    }
    context.exchange.setHeader("audit-id", context.auditId);
    void handler(context);
  };
}

function createContext(exchange: Exchange): RequestContext {
  return {
    exchange,
    auditId: exchange.header("audit-id") ?? randomUUID(),
    info: requestInfo(exchange.method, exchange.url.rawPath, exchange.url.query),
    user: anonymousUser,
  };
}

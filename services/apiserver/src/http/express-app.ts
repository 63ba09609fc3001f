import { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import express, { type Express, type Request, type Response } from "express";
import { dumpPaths } from "../flow-control/debug/serve-dumps.ts";
import { versionInfo } from "../version.ts";
import type { Handler, RequestContext } from "./context.ts";
import type { DocumentsDeps } from "./documents-app.ts";

const contexts = new WeakMap<object, RequestContext>();

/** Everything but health that is no resource request: metrics, version, discovery, OpenAPI, token keys. */
export function expressApp(deps: DocumentsDeps): Handler {
  const http1 = createApp(deps);
  const http2 = overHttp2(createApp(deps));
  return (context) => hand("stream" in context.exchange.request ? http2 : http1, context);
}

/**
 * Express gives requests and responses its own prototypes, which stand on those of HTTP/1.1. For HTTP/2 the same helpers are put onto
 * Node's compatible classes.
 */
function overHttp2(app: Express): Express {
  const onto = (base: object, helpers: object) => {
    const prototype = Object.create(base, Object.getOwnPropertyDescriptors(helpers));
    return Object.create(prototype, { app: { value: app, configurable: true, enumerable: true, writable: true } });
  };
  app.request = onto(Http2ServerRequest.prototype, express.request);
  app.response = onto(Http2ServerResponse.prototype, express.response);
  return app;
}

function createApp(deps: DocumentsDeps): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.get("/metrics", async (_request, response) => {
    response.type(deps.metrics.contentType).send(await deps.metrics.metrics());
  });
  app.get("/version", (_request, response) => {
    response.json(versionInfo);
  });
  app.get("/.well-known/openid-configuration", (_request, response) => {
    sendCacheable(response, "application/json", deps.tokens.openidConfiguration);
  });
  app.get("/openid/v1/jwks", (_request, response) => {
    sendCacheable(response, "application/jwk-set+json", deps.tokens.jwks);
  });
  app.get(/^\/(?:api|apis)(?:\/|$)/, through(deps.discovery));
  app.get(/^\/openapi\//, through(deps.openapi));
  if (deps.flowControl) app.get([...dumpPaths], through(deps.flowControl));
  app.get("/", (_request, response) => {
    response.json({ paths: rootPaths });
  });
  app.use((_request: Request, response: Response) => {
    response.status(404).type("text/plain").send("404 page not found\n");
  });
  return app;
}

const rootPaths = [
  "/.well-known/openid-configuration",
  "/api",
  "/api/v1",
  "/apis",
  "/healthz",
  "/livez",
  "/metrics",
  "/openapi/v2",
  "/openapi/v3",
  "/openid/v1/jwks",
  "/readyz",
  "/version",
];

/** What verifiers of tokens read again every hour. */
function sendCacheable(response: Response, contentType: string, body: string): void {
  response.setHeader("content-type", contentType);
  response.setHeader("cache-control", "public, max-age=3600");
  response.end(body);
}

/** Gives a request that express has routed to one of our handlers. */
function through(handler: Handler) {
  return async (request: Request): Promise<void> => {
    const context = contexts.get(request);
    if (context) await handler(context);
  };
}

/** Resolves when the answer is complete; rejects with what a route throws. */
function hand(app: Express, context: RequestContext): Promise<void> {
  const { request, response } = context.exchange;
  contexts.set(request, context);
  return new Promise((resolve, reject) => {
    response.once("close", () => {
      context.exchange.noteStatus(response.statusCode);
      resolve();
    });
    app(request as Request, response as unknown as Response, (error: unknown) => reject(error));
  });
}

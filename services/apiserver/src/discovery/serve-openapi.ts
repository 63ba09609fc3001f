import type { Handler } from "../http/context.ts";
import { sendJson } from "../resources/respond.ts";
import { noSuchResource } from "../resources/router.ts";

/** Answers `/openapi/v3` and what it names. */
export function serveOpenapi(): Handler {
  return ({ exchange }) => {
    if (exchange.url.path === "/openapi/v3") return sendJson(exchange, 200, { paths: {} });
    throw noSuchResource();
  };
}

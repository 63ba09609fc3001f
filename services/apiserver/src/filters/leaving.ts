import { tooManyRequests } from "@tskube/apimachinery";
import type { Filter, RequestContext } from "../http/context.ts";
import type { ServerLife } from "../lifecycle/server-life.ts";
import { isLongRunning } from "./request-timeout.ts";

const retryAfterSeconds = 5;
const probePath = /^\/(?:healthz|livez|readyz)(?:\/|$)/;

/** Knows which requests are under way, and sends new ones to other servers once this one is about to end. */
export function leaving(life: ServerLife): Filter {
  return (next) => (context) => {
    if (life.isRefusing && !probePath.test(context.info.path)) refuse(context);
    // Under way until the answer has left: a port that closes between would cut it off.
    // What leaves HTTP, to whatever server, may last as long as a watch.
    const streams = isLongRunning(context) || context.exchange.upgrade !== undefined;
    if (!streams) context.exchange.response.once("close", life.enter());
    return next(context);
  };
}

function refuse({ exchange }: RequestContext): never {
  exchange.closeConnection();
  throw tooManyRequests("The apiserver is shutting down, please try again later.", retryAfterSeconds);
}

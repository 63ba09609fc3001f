import type { Filter } from "../http/context.ts";

/** Tells the clients of this part of all HTTP/2 requests to connect anew: behind a balancer they spread over servers that came later. */
export function goaway(chance: number, random: () => number): Filter {
  return (next) => (context) => {
    if (context.exchange.isHttp2 && random() < chance) context.exchange.closeConnection();
    return next(context);
  };
}

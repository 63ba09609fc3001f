import { type Authorizer, impersonate } from "../auth/index.ts";
import type { Filter } from "../http/context.ts";

/** Lets users act as others whom they may impersonate. */
export function impersonation(authorizer: Authorizer): Filter {
  return (next) => async (context) => {
    const { headers } = context.exchange.request;
    if ("impersonate-user" in headers || "impersonate-group" in headers || "impersonate-uid" in headers) {
      context.user = await impersonate(context.user, headers, authorizer);
    }
    await next(context);
  };
}

import { type Authorizer, impersonate } from "../auth/index.ts";
import type { Filter } from "../http/context.ts";
import { distinctHeaders } from "../http/distinct-headers.ts";

/** Lets users act as others whom they may impersonate. */
export function impersonation(authorizer: Authorizer): Filter {
  return (next) => async (context) => {
    const { request } = context.exchange;
    const { headers } = request;
    if ("impersonate-user" in headers || "impersonate-group" in headers || "impersonate-uid" in headers) {
      context.user = await impersonate(context.user, distinctHeaders(request), authorizer);
    }
    await next(context);
  };
}

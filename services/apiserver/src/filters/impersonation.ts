import { type Authorizer, impersonate } from "../auth/index.ts";
import type { Filter } from "../http/context.ts";
import { distinctHeaders } from "../http/distinct-headers.ts";

/** Any of the headers asks, also one that says nothing without the others. */
function isAsked(headers: object): boolean {
  for (const name in headers) if (name.startsWith("impersonate-")) return true;
  return false;
}

/** Lets users act as others whom they may impersonate. */
export function impersonation(authorizer: Authorizer): Filter {
  return (next) => async (context) => {
    const { request } = context.exchange;
    const { headers } = request;
    if (isAsked(headers)) {
      context.user = await impersonate(context.user, distinctHeaders(request), authorizer);
    }
    await next(context);
  };
}

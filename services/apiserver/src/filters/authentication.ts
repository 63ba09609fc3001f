import { unauthorized } from "@tskube/apimachinery";
import type { Authenticator, User } from "../auth/index.ts";
import type { Filter, RequestContext } from "../http/context.ts";
import { distinctHeaders } from "../http/distinct-headers.ts";

/** Finds out who asks. Requests that prove nobody, not even an anonymous one, are refused. */
export function authentication(authenticator: Authenticator): Filter {
  return (next) => {
    return async (context) => {
      context.user = context.exchange.connection.user ?? (await authenticate(context, authenticator));
      await next(context);
    };
  };
}

async function authenticate(context: RequestContext, authenticator: Authenticator): Promise<User> {
  const { connection, request, audit } = context.exchange;
  // Someone with a certificate of a foreign authority wants to be somebody: anonymous would be a surprise.
  if (connection.hasUntrustedCertificate) throw unauthorized("Unauthorized");
  const { clientCertificate } = connection;
  const user = await authenticator.authenticate({
    headers: distinctHeaders(request),
    path: context.info.path,
    ...(clientCertificate && { clientCertificate }),
    ...(audit && { annotate: (key: string, value: string) => audit.annotate(key, value) }),
  });
  if (!user) throw unauthorized("Unauthorized");
  return user;
}

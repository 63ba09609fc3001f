import { unauthorized } from "@tskube/apimachinery";
import { type Authenticator, anonymousUser, type User } from "../auth/index.ts";
import type { Filter, RequestContext } from "../http/context.ts";

/** Finds out who asks. Requests without credentials are anonymous if `allowsAnonymous`, and refused otherwise. */
export function authentication(authenticator: Authenticator, allowsAnonymous: boolean): Filter {
  return (next) => {
    return async (context) => {
      context.user = context.exchange.connection.user ?? (await authenticate(context, authenticator, allowsAnonymous));
      await next(context);
    };
  };
}

async function authenticate(
  context: RequestContext,
  authenticator: Authenticator,
  allowsAnonymous: boolean,
): Promise<User> {
  const { connection, request } = context.exchange;
  // Someone with a certificate of a foreign authority wants to be somebody: anonymous would be a surprise.
  if (connection.hasUntrustedCertificate) throw unauthorized("Unauthorized");
  const { clientCertificate } = connection;
  const user = await authenticator.authenticate({
    headers: request.headers,
    path: context.info.path,
    ...(clientCertificate && { clientCertificate }),
  });
  if (user) return user;
  if (!allowsAnonymous) throw unauthorized("Unauthorized");
  return anonymousUser;
}

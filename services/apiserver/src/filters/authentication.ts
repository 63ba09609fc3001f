import { unauthorized } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { Authenticator, User } from "../auth/index.ts";
import type { Filter, RequestContext } from "../http/context.ts";
import { distinctHeaders } from "../http/distinct-headers.ts";
import type { AuthenticationMetrics, AuthenticationResult } from "./authentication-metrics.ts";

export interface AuthenticationDeps {
  readonly authenticator: Authenticator;
  readonly metrics: AuthenticationMetrics;
  readonly clock: Clock;
}

/** Finds out who asks. Requests that prove nobody, not even an anonymous one, are refused. */
export function authentication(deps: AuthenticationDeps): Filter {
  return (next) => {
    return async (context) => {
      context.user = context.exchange.connection.user ?? (await measured(context, deps));
      await next(context);
    };
  };
}

async function measured(context: RequestContext, { authenticator, metrics, clock }: AuthenticationDeps): Promise<User> {
  const startedAt = clock.monotonic();
  const observe = (result: AuthenticationResult, name?: string) =>
    metrics.observe(result, (clock.monotonic() - startedAt) / 1000, name);
  let user: User | undefined;
  try {
    user = await authenticate(context, authenticator);
  } catch (error) {
    observe("error");
    throw error;
  }
  observe(user ? "success" : "failure", user?.name);
  if (!user) throw unauthorized("Unauthorized");
  return user;
}

async function authenticate(context: RequestContext, authenticator: Authenticator): Promise<User | undefined> {
  const { connection, request, audit } = context.exchange;
  // Someone with a certificate of a foreign authority wants to be somebody: anonymous would be a surprise.
  if (connection.hasUntrustedCertificate) throw unauthorized("Unauthorized");
  const { clientCertificate } = connection;
  return authenticator.authenticate({
    headers: distinctHeaders(request),
    path: context.info.path,
    ...(clientCertificate && { clientCertificate }),
    ...(audit && { annotate: (key: string, value: string) => audit.annotate(key, value) }),
  });
}

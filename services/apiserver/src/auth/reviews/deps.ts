import type { TokenAuthenticator } from "../authentication/bearer-token.ts";
import type { ClusterAuthorizer } from "../authorization/create-authorizer.ts";

/** What the review resources ask. They store nothing: a create is answered with the object and its status. */
export interface ReviewDeps {
  readonly authorizer: ClusterAuthorizer;
  readonly tokens: TokenAuthenticator;
  readonly apiAudiences: readonly string[];
}

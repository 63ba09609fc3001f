import { isJsonObject, type JsonObject, StatusError, unauthorized } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import type { TokenAuthenticator, TokenIdentity } from "../authentication/bearer-token.ts";
import type { User } from "../user.ts";
import type { ReviewClient } from "./review-client.ts";

export interface WebhookTokenOptions {
  /** Of authentication.k8s.io, which the server speaks. */
  readonly version: "v1" | "v1beta1";
  /** What tokens are for that a server which knows no audiences finds good. */
  readonly apiAudiences: readonly string[];
}

/** Asks another server whose a token is, by TokenReviews. */
export function webhookTokenAuthenticator(options: WebhookTokenOptions, client: ReviewClient): TokenAuthenticator {
  return {
    name: "webhook",
    async authenticateToken(token, audiences) {
      const review = {
        apiVersion: `authentication.k8s.io/${options.version}`,
        kind: "TokenReview",
        metadata: { creationTimestamp: null },
        spec: { token, ...(audiences.length > 0 && { audiences }) },
        status: { user: {} },
      };
      const { status } = await client.ask(review).catch((cause: unknown) => {
        throw refused(errorMessage(cause), cause);
      });
      return isJsonObject(status) ? identityOf(status, audiences, options.apiAudiences) : undefined;
    },
  };
}

function identityOf(
  status: JsonObject,
  audiences: readonly string[],
  apiAudiences: readonly string[],
): TokenIdentity | undefined {
  const { authenticated, error, user, audiences: told } = status;
  if (authenticated !== true) {
    if (typeof error === "string" && error !== "") throw refused(error, undefined);
    return undefined;
  }
  const named = texts(told);
  const good = audiences.filter((audience) => (named.length > 0 ? named : apiAudiences).includes(audience));
  if (audiences.length > 0 && good.length === 0) return undefined;
  return { user: userOf(isJsonObject(user) ? user : {}), audiences: good };
}

function userOf({ username, uid, groups, extra }: JsonObject): User {
  const entries = isJsonObject(extra)
    ? Object.entries(extra).map(([key, values]) => [key, texts(values)] as const)
    : [];
  return {
    name: typeof username === "string" ? username : "",
    groups: texts(groups),
    ...(typeof uid === "string" && uid !== "" && { uid }),
    ...(entries.length > 0 && { extra: Object.fromEntries(entries) }),
  };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function refused(message: string, cause: unknown): StatusError {
  return new StatusError(unauthorized(message).status, { cause });
}

import type { ServiceAccount, TokenRequest } from "@tskube/api";
import { isAlreadyExists, isNotFound, parseTime } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { Client } from "@tskube/client";

export interface TokenSourceDeps {
  /** Whoever may create service accounts and their tokens. */
  readonly client: Client;
  readonly clock: Clock;
}

interface Held {
  readonly token: string;
  readonly renewAt: number;
  readonly expiresAt: number;
}

/** Upstream's lifetime of a controller's token. */
const lifetimeSeconds = 3600;
/** A token is renewed when a fifth of its life is left. */
const usedShare = 0.8;

/**
 * The tokens of one service account, which is created when it is missing. A token that is soon to expire goes on being given while its successor is
 * fetched, so that renewing delays nobody.
 */
export function serviceAccountTokens(
  namespace: string,
  name: string,
  { client, clock }: TokenSourceDeps,
): () => Promise<string> {
  let held: Held | undefined;
  let fetching: Promise<Held> | undefined;

  return async () => {
    const now = clock.now();
    if (held && now < held.renewAt) return held.token;
    fetching ??= request().finally(() => {
      fetching = undefined;
    });
    if (held && now < held.expiresAt) {
      fetching.catch(() => {}); // the next request tries again, and the token at hand still works
      return held.token;
    }
    return (await fetching).token;
  };

  async function request(): Promise<Held> {
    const asked = clock.now();
    const { status } = await askFor().catch(async (error) => {
      if (!isNotFound(error)) throw error;
      await createAccount();
      return askFor();
    });
    const expiresAt = parseTime(status?.expirationTimestamp ?? "") ?? asked + lifetimeSeconds * 1000;
    held = { token: status?.token ?? "", renewAt: asked + (expiresAt - asked) * usedShare, expiresAt };
    return held;
  }

  function askFor(): Promise<TokenRequest> {
    const body = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      metadata: {},
      spec: { audiences: [], expirationSeconds: lifetimeSeconds },
    } as unknown as TokenRequest;
    return client.serviceaccounts(namespace).sub<TokenRequest>(name, "token").create(body);
  }

  async function createAccount(): Promise<void> {
    const account = { metadata: { name, namespace } } satisfies Pick<ServiceAccount, "metadata">;
    try {
      await client.serviceaccounts(namespace).create(account);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
}

import { createHash } from "node:crypto";
import type { Clock } from "@tskube/base";
import { BoundedCache } from "../bounded-cache.ts";
import type { TokenAuthenticator, TokenIdentity } from "./bearer-token.ts";

export interface TokenCacheOptions {
  readonly successTtlMs: number;
  /** How long it is remembered that nobody knew a token; not at all when zero. Errors are never remembered. */
  readonly failureTtlMs: number;
}

interface Remembered {
  readonly identity: TokenIdentity | undefined;
  readonly untilMs: number;
}

const limit = 8_192;

/** Remembers what an authenticator said of tokens for a while, and asks it once for those who ask about the same at once. */
export function cachedTokenAuthenticator(
  inner: TokenAuthenticator,
  { successTtlMs, failureTtlMs }: TokenCacheOptions,
  clock: Clock,
): TokenAuthenticator {
  const remembered = new BoundedCache<Remembered>(limit);
  const asking = new Map<string, Promise<TokenIdentity | undefined>>();

  const ask = async (key: string, token: string, audiences: readonly string[]) => {
    const identity = await inner.authenticateToken(token, audiences);
    const ttlMs = identity ? successTtlMs : failureTtlMs;
    if (ttlMs > 0) remembered.set(key, { identity, untilMs: clock.monotonic() + ttlMs });
    return identity;
  };
  return {
    name: inner.name,
    authenticateToken(token, audiences) {
      const key = keyOf(token, audiences);
      const known = remembered.get(key);
      if (known && known.untilMs > clock.monotonic()) return Promise.resolve(known.identity);
      let answer = asking.get(key);
      if (!answer) {
        answer = ask(key, token, audiences).finally(() => asking.delete(key));
        asking.set(key, answer);
      }
      return answer;
    },
  };
}

/** Tokens themselves are not kept longer than their request. */
function keyOf(token: string, audiences: readonly string[]): string {
  const hash = createHash("sha256").update(token);
  for (const audience of audiences) hash.update("\0").update(audience);
  return hash.digest("base64");
}

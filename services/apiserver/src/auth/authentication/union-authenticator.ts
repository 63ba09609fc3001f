import type { Authenticator } from "../authenticator.ts";

/**
 * Asks one after another; the first user wins. Wrong credentials of one kind leave a chance to the next, since a bearer token may be of any of several
 * kinds; when nobody recognises the caller, the first refusal is thrown.
 */
export function unionAuthenticator(authenticators: readonly Authenticator[]): Authenticator {
  return {
    name: "union",
    async authenticate(credentials) {
      let refusal: { readonly error: unknown } | undefined;
      for (const authenticator of authenticators) {
        try {
          const user = await authenticator.authenticate(credentials);
          if (user) return user;
        } catch (error) {
          refusal ??= { error };
        }
      }
      if (refusal) throw refusal.error;
      return undefined;
    },
  };
}

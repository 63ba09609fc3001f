import { isConflict, isNotFound } from "@tskube/apimachinery";
import { kinds } from "@tskube/client";
import { after, type Controller, type Deps, done, self } from "@tskube/controller";
import { expiryOf, tokenSecrets } from "../../bootstrap-tokens/bootstrap-token.ts";

/** Deletes the Secrets of bootstrap tokens whose time is over. */
export function tokenCleaner({ client, clock, informers }: Deps): Controller {
  // Only these: other Secrets are nobody's business here.
  const tokens = informers.for(kinds.Secret, tokenSecrets);
  return {
    name: "token-cleaner",
    workers: 1,
    wakeOn: {},
    start(wake) {
      tokens.on({ add: (token) => wake(self(token)), update: (_old, token) => wake(self(token)) });
    },
    async reconcile(key) {
      const token = tokens.lister.get(key);
      const expiresMs = token && expiryOf(token);
      if (!token || expiresMs === undefined) return done;
      if (expiresMs > clock.now()) return after(expiresMs - clock.now());
      const { name, namespace = "", uid } = token.metadata;
      try {
        await client.secrets(namespace).delete(name, uid ? { preconditions: { uid } } : {});
      } catch (error) {
        // Gone, or another under the same name: that one wakes this again.
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
      return done;
    },
  };
}

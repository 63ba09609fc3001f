import type { Authenticator } from "../authenticator.ts";
import { anonymousUser } from "../user.ts";

/** Whoever shows no credentials at all. Stands last, behind those that refuse wrong ones. */
export const anonymousAuthenticator: Authenticator = {
  name: "anonymous",
  authenticate: async () => anonymousUser,
};

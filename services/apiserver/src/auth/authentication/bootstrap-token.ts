import type { Secret } from "@tskube/api";
import { unauthorized } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { LocalObjects } from "../../registry/objects.ts";
import type { TokenAuthenticator } from "./bearer-token.ts";
import { secretEquals } from "./secret-equals.ts";

const tokenPattern = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const groupPattern = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;
const defaultGroup = "system:bootstrappers";

/** Tokens by which nodes join: `ID.SECRET`, kept in the Secret `kube-system/bootstrap-token-ID`. */
export function bootstrapTokenAuthenticator(objects: LocalObjects, clock: Clock): TokenAuthenticator {
  return {
    name: "bootstrap",
    async authenticateToken(token) {
      const [, id, secret] = tokenPattern.exec(token) ?? [];
      if (!id || !secret) return undefined;
      const object = objects
        .reader<Secret>({ group: "", resource: "secrets" })
        .get("kube-system", `bootstrap-token-${id}`);
      if (!object || object.metadata.deletionTimestamp || object.type !== "bootstrap.kubernetes.io/token")
        return undefined;
      const read = (key: string) => Buffer.from(object.data?.[key] ?? "", "base64").toString("utf8");
      if (read("token-id") !== id || !secretEquals(read("token-secret"), secret)) return undefined;
      if (isExpired(read("expiration"), clock)) throw unauthorized("token has expired");
      if (read("usage-bootstrap-authentication") !== "true") return undefined;
      const groups = groupsOf(read("auth-extra-groups"));
      if (!groups) return undefined;
      return { user: { name: `system:bootstrap:${id}`, groups } };
    },
  };
}

/** An unreadable time counts as past. */
function isExpired(expiration: string, clock: Clock): boolean {
  return expiration !== "" && !(Date.parse(expiration) > clock.now());
}

/** Undefined if a group is none that a bootstrap token may give. */
function groupsOf(extra: string): string[] | undefined {
  const extras = extra.split(",").filter(Boolean);
  if (!extras.every((name) => groupPattern.test(name))) return undefined;
  return [...new Set([defaultGroup, ...extras])].sort();
}

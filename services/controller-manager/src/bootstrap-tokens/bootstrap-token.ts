import type { Secret } from "@tskube/api";
import { parseTime } from "@tskube/apimachinery";

/** Selects the Secrets of bootstrap tokens. */
export const tokenSecrets = {
  namespace: "kube-system",
  fieldSelector: "type=bootstrap.kubernetes.io/token",
} as const;

const namePrefix = "bootstrap-token-";

/** What a Secret says of the bootstrap token that it holds. */
export interface BootstrapToken {
  readonly id: string;
  readonly secret: string;
  /** Absent: never. A time that cannot be read is past. */
  readonly expiresMs: number | undefined;
  /** Whether `cluster-info` is to be signed with it. */
  readonly signs: boolean;
}

/** Undefined for a Secret that is no whole token, or not called as one. */
export function readBootstrapToken(secret: Secret): BootstrapToken | undefined {
  const read = (key: string) => Buffer.from(secret.data?.[key] ?? "", "base64").toString("utf8");
  const [id, key] = [read("token-id"), read("token-secret")];
  if (!id || !key || secret.metadata.name !== namePrefix + id) return undefined;
  return { id, secret: key, expiresMs: expiryOf(secret), signs: read("usage-bootstrap-signing") === "true" };
}

export function expiryOf({ data }: Secret): number | undefined {
  const written = Buffer.from(data?.["expiration"] ?? "", "base64").toString("utf8");
  return written === "" ? undefined : (parseTime(written) ?? 0);
}

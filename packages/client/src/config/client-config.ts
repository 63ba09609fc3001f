import type { TlsMaterial } from "../transport/https.ts";

/** Where the server is and how to be trusted by it: what a kubeconfig comes to, once read. */
export interface ClientConfig {
  /** Scheme, host and port. */
  readonly server: string;
  /** Called per request and cheap; gives the same object until a file changed. */
  readonly tls: () => TlsMaterial;
  /** The `Authorization` header, if the user has a token or password. */
  readonly authorization?: () => string | undefined;
  /** The context's namespace, `default` when it names none. */
  readonly namespace: string;
}

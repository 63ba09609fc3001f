import type { Clock, Logger } from "@tskube/base";
import { type Client, type ClientConfig, clientOver, createClient, httpsTransport } from "@tskube/client";
import type { Config } from "../config.ts";
import { serviceAccountTokens } from "./token-source.ts";

/** Clients of one program towards one API server. */
export interface Clients {
  /** Acts as the program itself. */
  readonly own: Client;
  /** Acts as a service account in kube-system, or as the program when controllers have no accounts of their own. */
  as(serviceAccount: string): Client;
  close(): void;
}

const namespace = "kube-system";

export function openClients(
  server: ClientConfig,
  config: Pick<Config, "kubeApiQps" | "kubeApiBurst" | "useServiceAccountCredentials">,
  deps: { readonly clock: Clock; readonly logger: Logger },
): Clients {
  const { clock, logger } = deps;
  const limits = { qps: config.kubeApiQps, burst: config.kubeApiBurst, clock, logger };
  const own = createClient(server, { ...limits, userAgent: "kube-controller-manager" });
  if (!config.useServiceAccountCredentials) return { own, as: () => own, close: () => own.close() };
  // One connection for all accounts, and without the program's certificate: it would be taken for the caller before any token.
  const transport = httpsTransport({ server: server.server, tls: trustOnly(server.tls), clock });
  const known = new Map<string, Client>();
  return {
    own,
    as(name) {
      const token = serviceAccountTokens(namespace, name, { client: own, clock });
      const client =
        known.get(name) ??
        clientOver(
          transport,
          { ...limits, userAgent: `kube-controller-manager/${name}` },
          async () => `Bearer ${await token()}`,
        );
      known.set(name, client);
      return client;
    },
    close() {
      transport.close();
      own.close();
    },
  };
}

/** The same object as long as the files are the same, as the transport wants it. */
function trustOnly(tls: ClientConfig["tls"]): ClientConfig["tls"] {
  let last: ReturnType<ClientConfig["tls"]> | undefined;
  let reduced: ReturnType<ClientConfig["tls"]> | undefined;
  return () => {
    const current = tls();
    if (current !== last || !reduced) {
      last = current;
      const { cert: _cert, key: _key, ...trust } = current;
      reduced = trust;
    }
    return reduced;
  };
}

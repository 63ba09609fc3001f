import { logLevels } from "@tskube/base";
import { boolean, choice, decimal, duration, integer, path, port, text } from "./option.ts";

/** Options that every program has. */
export const baseOptions = {
  config: path("The configuration file (YAML); flags and environment override it"),
  logLevel: choice("How much is logged", logLevels, { default: "info" }),
  v: integer("Log verbosity by number, as upstream: 4 and more log everything", { short: "v", min: 0, max: 10 }),
};

/** Options of programs that talk to an API server. */
export const clientOptions = {
  kubeconfig: path(
    "The kubeconfig to reach the API server with; absent: KUBECONFIG, ~/.kube/config, then the pod's service account",
  ),
  kubeApiQps: decimal("Requests a second to the API server", { default: 50 }),
  kubeApiBurst: integer("Requests to the API server at once", { default: 100, min: 1 }),
};

/** Options of a TLS server. */
export function servingOptions(defaults: { readonly securePort: number; readonly bindAddress?: string }) {
  return {
    bindAddress: text("The address to listen on", { default: defaults.bindAddress ?? "0.0.0.0", value: "address" }),
    securePort: port("The port to serve HTTPS on; 0 does not serve", { default: defaults.securePort }),
    tlsCertFile: path("The server's certificate, with intermediates, in PEM"),
    tlsPrivateKeyFile: path("The key of --tls-cert-file"),
    clientCaFile: path("Client certificates signed by these authorities are accepted"),
  };
}

/** Options of servers that ask the API server who their clients are and what these may do. */
export const delegatedAccessOptions = {
  authenticationKubeconfig: path("The kubeconfig to ask with whose a token is; absent: --kubeconfig"),
  authorizationKubeconfig: path("The kubeconfig to ask with what a user may see; absent: --kubeconfig"),
};

/** The health server of programs whose TLS port serves something else. */
export function healthOptions(defaults: { readonly healthzBindAddress: string }) {
  return {
    healthzBindAddress: text("Where to serve health checks in plain HTTP; empty does not serve", {
      default: defaults.healthzBindAddress,
      value: "host:port",
    }),
  };
}

/** Options of programs of which one of several instances works. */
export function leaderElectionOptions(defaults: { readonly resourceName: string }) {
  return {
    leaderElect: boolean("Work only while holding the lease", { default: true }),
    leaderElectLeaseDuration: duration("How long others wait before they take a lease that is not renewed", {
      default: 15_000,
    }),
    leaderElectRenewDeadline: duration("How long the leader tries to renew before it gives up", { default: 10_000 }),
    leaderElectRetryPeriod: duration("The wait between tries to take or renew the lease", { default: 2_000 }),
    leaderElectResourceName: text("The name of the lease", { default: defaults.resourceName }),
    leaderElectResourceNamespace: text("The namespace of the lease", { default: "kube-system" }),
  };
}

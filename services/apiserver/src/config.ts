import {
  baseOptions,
  boolean,
  duration,
  integer,
  list,
  type OptionValues,
  path,
  servingOptions,
  text,
} from "@tskube/component";
import { aggregationFlags, validateAggregationFlags } from "./aggregation/aggregation-flags.ts";
import { auditOptions, validateAuditConfig } from "./audit/index.ts";
import { authenticationFlags, authorizationFlags, validateAuthFlags } from "./auth/auth-flags.ts";
import { validateTokenFlags } from "./auth/tokens/validate-token-flags.ts";
import { encryptionFlags, validateEncryptionFlags } from "./encryption/encryption-flags.ts";
import { flowControlFlags } from "./flow-control/flags.ts";
import { lifecycleFlags, validateLifecycleFlags } from "./lifecycle/flags.ts";

/** The flags, under upstream's names where upstream has them. */
export const options = {
  ...baseOptions,
  ...servingOptions({ securePort: 6443 }),
  advertiseAddress: text("The address that others reach this server at; the host's own when absent", {
    value: "address",
  }),
  storeDir: path("Keeps objects in this directory instead of etcd"),
  etcdServers: list("The etcd members to keep objects in", { value: "urls" }),
  etcdCafile: path("The authority that etcd's certificates are signed by"),
  etcdCertfile: path("The certificate to show etcd"),
  etcdKeyfile: path("The key of --etcd-certfile"),
  ...encryptionFlags,
  etcdCompactionInterval: duration("How often history older than this is forgotten; 0 never", { default: 300_000 }),
  serviceClusterIpRange: text("Where services' addresses are taken from", { default: "10.96.0.0/16", value: "cidrs" }),
  serviceNodePortRange: text("Where services' node ports are taken from", { default: "30000-32767", value: "range" }),
  kubeletCertificateAuthority: path("The authority that kubelets' serving certificates are signed by"),
  kubeletClientCertificate: path("The certificate to show kubelets"),
  kubeletClientKey: path("The key of --kubelet-client-certificate"),
  kubeletPreferredAddressTypes: list("Which of a node's addresses to reach its kubelet at, the best first", {
    default: ["InternalIP", "ExternalIP", "InternalDNS", "ExternalDNS", "Hostname"],
  }),
  serviceAccountIssuer: list("Who issues service account tokens; the first signs, all count", {
    default: ["https://kubernetes.default.svc.cluster.local"],
  }),
  serviceAccountSigningKeyFile: path("The private key that signs service account tokens"),
  serviceAccountKeyFile: list("Public keys whose service account tokens count", { value: "paths" }),
  serviceAccountMaxTokenExpiration: duration("The longest life of a service account token; 0 is no limit", {
    default: 0,
  }),
  serviceAccountExtendTokenExpiration: boolean("Lets pods' tokens live longer than they ask for", { default: true }),
  serviceAccountJwksUri: text("Where verifiers of tokens find the keys; under the issuer when absent"),
  apiAudiences: list("Who tokens for this server are meant for; the issuers when absent"),
  ...authenticationFlags,
  ...authorizationFlags,
  requestheaderClientCaFile: path("The authority of front proxies, whose user headers are believed"),
  requestheaderAllowedNames: list("Common names of front proxies; any when absent"),
  requestheaderUsernameHeaders: list("Headers with the user's name", { default: ["X-Remote-User"] }),
  requestheaderUidHeaders: list("Headers with the user's UID; X-Remote-Uid is what others send"),
  requestheaderGroupHeaders: list("Headers with the user's groups", { default: ["X-Remote-Group"] }),
  requestheaderExtraHeadersPrefix: list("Prefixes of headers with more about the user", {
    default: ["X-Remote-Extra-"],
  }),
  ...aggregationFlags,
  runtimeConfig: list("Versions of built-in groups to switch on or off (GROUP/VERSION=true)", { value: "settings" }),
  admissionControlConfigFile: path("The file that configures admission plugins"),
  enableAdmissionPlugins: list("Admission plugins to switch on besides the default ones", { value: "names" }),
  disableAdmissionPlugins: list("Admission plugins to switch off", { value: "names" }),
  defaultNotReadyTolerationSeconds: integer("How long pods stay on a node that is not ready", { default: 300, min: 0 }),
  defaultUnreachableTolerationSeconds: integer("How long pods stay on a node out of reach", { default: 300, min: 0 }),
  allowLoopbackEndpoints: boolean(
    "Endpoints may have loopback addresses: for a cluster without root, whose pods have no others",
    {
      default: false,
    },
  ),
  eventTtl: duration("How long events are kept", { default: 3_600_000 }),
  requestTimeout: duration("How long a request may take that does not stream", { default: 60_000 }),
  ...flowControlFlags,
  ...lifecycleFlags,
  ...auditOptions,
};

export type Config = OptionValues<typeof options>;

/** The complaint about values that do not go together. */
export function validateConfig(config: Config): string | undefined {
  const hasEtcd = config.etcdServers.length > 0;
  if (hasEtcd === (config.storeDir !== undefined)) return "one of --etcd-servers and --store-dir is needed";
  if (config.tlsCertFile === undefined || config.tlsPrivateKeyFile === undefined) {
    return "--tls-cert-file and --tls-private-key-file are needed";
  }
  if (config.serviceAccountSigningKeyFile === undefined) return "--service-account-signing-key-file is needed";
  const range = /^(\d+)-(\d+)$/.exec(config.serviceNodePortRange);
  if (!range || Number(range[1]) > Number(range[2])) return "--service-node-port-range must be like 30000-32767";
  return (
    validateEncryptionFlags(config) ??
    validateAuthFlags(config) ??
    validateTokenFlags(config) ??
    validateAuditConfig(config) ??
    validateAggregationFlags(config) ??
    validateLifecycleFlags(config)
  );
}

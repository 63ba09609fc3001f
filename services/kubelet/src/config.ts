import {
  baseOptions,
  boolean,
  type ConfigDocument,
  choice,
  clientOptions,
  duration,
  integer,
  list,
  type OptionValues,
  path,
  port,
  text,
  UsageError,
} from "@tskube/component";

const second = 1000;
const minute = 60 * second;

/** Flags, named like upstream's; what upstream has in its file only is a flag here too. */
export const options = {
  ...baseOptions,
  ...clientOptions,
  hostnameOverride: text("The node's name; the machine's host name when absent", { value: "name" }),
  nodeIp: list("The node's addresses, the primary first; absent: found from the machine's interfaces"),
  nodeLabels: list("Labels to register the node with, as key=value"),
  registerNode: boolean("Register the node with the API server", { default: true }),
  registerWithTaints: list("Taints to register the node with, as key=value:effect"),
  registerSchedulable: boolean("Register the node as schedulable", { default: true }),
  containerRuntimeEndpoint: text("The runtime's CRI socket", {
    default: "unix:///run/containerd/containerd.sock",
    value: "endpoint",
  }),
  imageServiceEndpoint: text("The image service's CRI socket; the runtime's when absent", { value: "endpoint" }),
  rootDir: path("Where volumes and other state of pods live", { default: "/var/lib/kubelet" }),
  podLogsDir: path("Where containers' logs live", { default: "/var/log/pods" }),
  podManifestPath: path("A directory of static pods' manifests"),
  address: text("The address to serve on", { default: "0.0.0.0", value: "address" }),
  port: port("The port to serve on", { default: 10250 }),
  healthzBindAddress: text("Where to serve health checks", { default: "127.0.0.1", value: "address" }),
  healthzPort: port("The port of the health checks; 0 does not serve", { default: 10248 }),
  bootstrapKubeconfig: path("Credentials to get the node a client certificate with, when --kubeconfig has no good one"),
  certDir: path("Where certificates that are issued to the kubelet are kept; pki in --root-dir when absent"),
  rotateCertificates: boolean("Renew the client certificate before it ends", { default: false }),
  rotateServerCertificates: boolean("Request the serving certificate from the cluster, and renew it", {
    default: false,
  }),
  tlsCertFile: path("The server's certificate; self-signed when absent"),
  tlsPrivateKeyFile: path("The key of --tls-cert-file"),
  clientCaFile: path("Client certificates signed by these authorities are accepted"),
  anonymousAuth: boolean("Accept requests without credentials", { default: false }),
  authenticationTokenWebhook: boolean("Ask the API server about bearer tokens", { default: true }),
  authorizationMode: choice("Who may use the kubelet's API", ["Webhook", "AlwaysAllow"], { default: "Webhook" }),
  clusterDns: list("Addresses of the cluster's DNS"),
  clusterDomain: text("The cluster's DNS domain", { default: "cluster.local", value: "domain" }),
  resolvConf: path("The resolv.conf that pods' ones are based on", { default: "/etc/resolv.conf" }),
  maxPods: integer("How many pods the node runs at most", { default: 110, min: 1 }),
  podCidr: text("The pods' network while no controller gives one", { value: "cidr" }),
  cgroupRoot: text("The cgroup below which pods' cgroups are made", { default: "", value: "cgroup" }),
  cgroupDriver: choice("How cgroups are managed when the runtime does not say", ["cgroupfs", "systemd"], {
    default: "cgroupfs",
  }),
  cgroupsPerQos: boolean("Put pods into cgroups by their class of service", { default: true }),
  cpuCfsQuota: boolean("Enforce CPU limits", { default: true }),
  systemReserved: list("Resources kept for the system, as cpu=100m,memory=100Mi"),
  kubeReserved: list("Resources kept for Kubernetes' own programs"),
  nodeStatusUpdateFrequency: duration("How often the node's state is looked at and its lease renewed", {
    default: 10 * second,
  }),
  nodeStatusReportFrequency: duration("How often an unchanged node status is written", { default: 5 * minute }),
  nodeLeaseDurationSeconds: integer("How long the node's lease is good for", { default: 40, min: 1 }),
  serializeImagePulls: boolean("Pull one image at a time", { default: true }),
  maxParallelImagePulls: integer("How many images are pulled at once; needs --serialize-image-pulls=false", { min: 1 }),
  imageGcHighThreshold: integer("The percentage of disk use above which unused images are removed", {
    default: 85,
    min: 0,
    max: 100,
  }),
  imageGcLowThreshold: integer("The percentage of disk use at which removing images ends", {
    default: 80,
    min: 0,
    max: 100,
  }),
  imageMinimumGcAge: duration("How long an unused image stays at least", { default: 2 * minute }),
  containerLogMaxSize: text("The size at which a container's log is rotated", { default: "10Mi", value: "quantity" }),
  containerLogMaxFiles: integer("How many log files a container keeps", { default: 5, min: 2 }),
  maxContainerBackOff: duration("The longest delay before a failing container is restarted", { default: 5 * minute }),
  eventQps: integer("Events a second at most; 0 does not limit", { default: 50, min: 0 }),
  streamingConnectionIdleTimeout: duration("How long exec, attach and port-forward may be silent", {
    default: 4 * 60 * minute,
  }),
  fileCheckFrequency: duration("How often static pods' manifests are looked at", { default: 20 * second }),
};

export type KubeletConfig = OptionValues<typeof options>;

/** Fields of KubeletConfiguration whose option has another name. */
const renamed: Readonly<Record<string, string>> = {
  clusterDNS: "clusterDns",
  cgroupsPerQOS: "cgroupsPerQos",
  cpuCFSQuota: "cpuCfsQuota",
  staticPodPath: "podManifestPath",
  imageGCHighThresholdPercent: "imageGcHighThreshold",
  imageGCLowThresholdPercent: "imageGcLowThreshold",
  imageMinimumGCAge: "imageMinimumGcAge",
  podCIDR: "podCidr",
  serverTLSBootstrap: "rotateServerCertificates",
  eventRecordQPS: "eventQps",
  kubeAPIQPS: "kubeApiQps",
  kubeAPIBurst: "kubeApiBurst",
};

/** What a KubeletConfiguration (`kubelet.config.k8s.io/v1beta1`) says about the options. Fields that this kubelet has no use for are left alone. */
export function readKubeletConfiguration(document: ConfigDocument): Record<string, unknown> {
  if (document["apiVersion"] !== "kubelet.config.k8s.io/v1beta1" || document["kind"] !== "KubeletConfiguration") {
    throw new UsageError(
      `want kubelet.config.k8s.io/v1beta1 KubeletConfiguration, not ${document["apiVersion"]} ${document["kind"]}`,
    );
  }
  const values: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(document)) {
    const name = renamed[field] ?? field;
    if (name in options) values[name] = name === "systemReserved" || name === "kubeReserved" ? pairs(value) : value;
  }
  return { ...values, ...nested(document) };
}

function nested(document: ConfigDocument): Record<string, unknown> {
  const authentication = (document["authentication"] ?? {}) as {
    x509?: { clientCAFile?: string };
    webhook?: { enabled?: boolean };
    anonymous?: { enabled?: boolean };
  };
  const authorization = (document["authorization"] ?? {}) as { mode?: string };
  const crashLoop = (document["crashLoopBackOff"] ?? {}) as { maxContainerRestartPeriod?: string };
  const registerWithTaints = document["registerWithTaints"] as
    | { key: string; value?: string; effect: string }[]
    | undefined;
  return defined({
    clientCaFile: authentication.x509?.clientCAFile,
    authenticationTokenWebhook: authentication.webhook?.enabled,
    anonymousAuth: authentication.anonymous?.enabled,
    authorizationMode: authorization.mode,
    maxContainerBackOff: crashLoop.maxContainerRestartPeriod,
    registerWithTaints: registerWithTaints?.map(({ key, value = "", effect }) => `${key}=${value}:${effect}`),
  });
}

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function pairs(value: unknown): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).map(([key, amount]) => `${key}=${amount}`)
    : value;
}

export function validate(config: KubeletConfig): string | undefined {
  if (config.imageGcLowThreshold >= config.imageGcHighThreshold)
    return "--image-gc-low-threshold must be below --image-gc-high-threshold";
  if (config.bootstrapKubeconfig !== undefined && config.kubeconfig === undefined) {
    return "--bootstrap-kubeconfig needs --kubeconfig, the file to write";
  }
  if ((config.tlsCertFile === undefined) !== (config.tlsPrivateKeyFile === undefined)) {
    return "--tls-cert-file and --tls-private-key-file go together";
  }
  if (config.serializeImagePulls && (config.maxParallelImagePulls ?? 1) > 1) {
    return "--max-parallel-image-pulls above 1 needs --serialize-image-pulls=false";
  }
  for (const taint of config.registerWithTaints)
    if (!parseTaint(taint)) return `--register-with-taints: ${taint} is not key=value:effect`;
  return undefined;
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

const taintPattern = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/;

export function parseTaint(written: string): Taint | undefined {
  const match = taintPattern.exec(written);
  if (!match) return undefined;
  const [, key = "", value, effect = ""] = match;
  return { key, ...(value && { value }), effect };
}

/** `key=value` pairs of a list. */
export function parsePairs(items: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    items.map((item) => {
      const at = item.indexOf("=");
      return at < 0 ? [item, ""] : [item.slice(0, at), item.slice(at + 1)];
    }),
  );
}

import { join } from "node:path";
import {
  frontProxyAuthority,
  frontProxyClientName,
  kubeletClientName,
  kubeletServingName,
} from "../certificates/cluster-certificates.ts";
import { addressAt, type ClusterConfig, controlPlaneOf, type NodeConfig } from "../cluster/cluster-config.ts";
import { clusterVariable, nodeCgroup, nodeMark, nodeVariable, sharedMemoryFolder } from "../cluster/end-node.ts";
import type { ClusterPaths } from "../cluster/paths.ts";
import type { ProgramSpec, Readiness } from "./program.ts";

/** What is on the machine to run programs with. */
export interface Installation {
  /** The Node.js executable. */
  readonly node: string;
  /** The folder of the bundles. */
  readonly dist: string;
  readonly etcd: string | undefined;
  readonly containerd: string | undefined;
}

/** What decides which programs there are and how they are called. */
export interface Plan {
  readonly config: ClusterConfig;
  readonly paths: ClusterPaths;
  readonly installation: Installation;
}

const issuer = "https://kubernetes.default.svc.cluster.local";
const etcdPort = 2379;
const etcdPeerPort = 2380;

/** Every program of a cluster, in the order in which they are started. */
export function programsOf(plan: Plan): ProgramSpec[] {
  return [...controlPlanePrograms(plan), ...plan.config.nodes.flatMap((node) => nodePrograms(plan, node))];
}

function controlPlanePrograms(plan: Plan): ProgramSpec[] {
  const { config } = plan;
  const programs = [apiserver(plan), controllerManager(plan), scheduler(plan)];
  return config.store.kind === "etcd" ? [etcd(plan), ...programs] : programs;
}

/** A node's own programs: runtime, kubelet and kube-proxy. */
export function nodePrograms(plan: Plan, node: NodeConfig): ProgramSpec[] {
  return [runtime(plan, node), kubelet(plan, node), kubeProxy(plan, node)];
}

function program(
  plan: Plan,
  node: string,
  name: string,
  argv: readonly string[],
  after: readonly string[],
  readiness: Readiness = { kind: "none" },
): ProgramSpec {
  return {
    name,
    argv,
    node,
    environment: { [clusterVariable]: plan.paths.root, [nodeVariable]: nodeMark(plan.paths, node) },
    readiness,
    after,
  };
}

function etcd(plan: Plan): ProgramSpec {
  const { config, paths, installation } = plan;
  const { name, address } = controlPlaneOf(config);
  const client = `https://${address}:${etcdPort}`;
  const peer = `https://${address}:${etcdPeerPort}`;
  const argv = [
    installation.etcd ?? "etcd",
    `--name=${name}`,
    `--data-dir=${paths.etcd}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=${name}=${peer}`,
    `--client-cert-auth`,
    `--trusted-ca-file=${pki(paths, "ca.crt")}`,
    `--cert-file=${pki(paths, "etcd-server.crt")}`,
    `--key-file=${pki(paths, "etcd-server.key")}`,
    `--peer-client-cert-auth`,
    `--peer-trusted-ca-file=${pki(paths, "ca.crt")}`,
    `--peer-cert-file=${pki(paths, "etcd-server.crt")}`,
    `--peer-key-file=${pki(paths, "etcd-server.key")}`,
    `--logger=zap`,
    `--log-level=warn`,
  ];
  return program(plan, name, "etcd", argv, [], { kind: "tcp", host: address, port: etcdPort });
}

function apiserver(plan: Plan): ProgramSpec {
  const { config, paths, installation } = plan;
  const { name, address } = controlPlaneOf(config);
  const argv = [
    ...service(installation, "apiserver"),
    `--secure-port=${config.apiserverPort}`,
    `--advertise-address=${address}`,
    `--service-cluster-ip-range=${config.serviceSubnet}`,
    `--client-ca-file=${pki(paths, "ca.crt")}`,
    `--tls-cert-file=${pki(paths, "apiserver.crt")}`,
    `--tls-private-key-file=${pki(paths, "apiserver.key")}`,
    `--kubelet-certificate-authority=${pki(paths, "ca.crt")}`,
    `--kubelet-client-certificate=${pki(paths, "apiserver-kubelet-client.crt")}`,
    `--kubelet-client-key=${pki(paths, "apiserver-kubelet-client.key")}`,
    `--service-account-issuer=${issuer}`,
    `--service-account-signing-key-file=${pki(paths, "sa.key")}`,
    `--service-account-key-file=${pki(paths, "sa.pub")}`,
    `--authorization-mode=Node,RBAC`,
    ...aggregationFlags(paths),
    `--default-not-ready-toleration-seconds=${config.timing.tolerationSeconds}`,
    `--default-unreachable-toleration-seconds=${config.timing.tolerationSeconds}`,
    ...(config.isolation === "namespaces" ? [] : ["--allow-loopback-endpoints"]),
    ...storeFlags(config, paths),
  ];
  const readiness: Readiness = { kind: "https", host: address, port: config.apiserverPort, path: "/readyz" };
  return program(plan, name, "apiserver", argv, config.store.kind === "etcd" ? ["etcd"] : [], readiness);
}

/** How the apiserver and extension API servers, which run in pods, know each other; the apiserver's node has a route to every pod. */
function aggregationFlags(paths: ClusterPaths): string[] {
  return [
    `--requestheader-client-ca-file=${pki(paths, `${frontProxyAuthority}.crt`)}`,
    `--requestheader-allowed-names=${frontProxyClientName}`,
    `--requestheader-username-headers=X-Remote-User`,
    `--requestheader-uid-headers=X-Remote-Uid`,
    `--requestheader-group-headers=X-Remote-Group`,
    `--requestheader-extra-headers-prefix=X-Remote-Extra-`,
    `--proxy-client-cert-file=${pki(paths, `${frontProxyClientName}.crt`)}`,
    `--proxy-client-key-file=${pki(paths, `${frontProxyClientName}.key`)}`,
    `--enable-aggregator-routing=true`,
  ];
}

function storeFlags(config: ClusterConfig, paths: ClusterPaths): string[] {
  const { store } = config;
  if (store.kind === "embedded") return [`--store-dir=${paths.store}`];
  if (store.kind === "etcd") {
    return [
      `--etcd-servers=https://${controlPlaneOf(config).address}:${etcdPort}`,
      `--etcd-cafile=${pki(paths, "ca.crt")}`,
      `--etcd-certfile=${pki(paths, "apiserver-etcd-client.crt")}`,
      `--etcd-keyfile=${pki(paths, "apiserver-etcd-client.key")}`,
    ];
  }
  return [
    `--etcd-servers=${store.endpoints.join(",")}`,
    ...(store.caFile ? [`--etcd-cafile=${store.caFile}`] : []),
    ...(store.certFile ? [`--etcd-certfile=${store.certFile}`] : []),
    ...(store.keyFile ? [`--etcd-keyfile=${store.keyFile}`] : []),
  ];
}

function controllerManager(plan: Plan): ProgramSpec {
  const { config, paths, installation } = plan;
  const { name } = controlPlaneOf(config);
  const argv = [
    ...service(installation, "controller-manager"),
    `--kubeconfig=${kubeconfigFile(paths, "controller-manager")}`,
    `--allocate-node-cidrs=true`,
    `--cluster-cidr=${config.podSubnet}`,
    `--service-cluster-ip-range=${config.serviceSubnet}`,
    `--node-monitor-grace-period=${config.timing.nodeGraceSeconds}s`,
    `--node-monitor-period=${Math.max(1, Math.min(5, Math.floor(config.timing.nodeGraceSeconds / 4)))}s`,
    `--root-ca-file=${pki(paths, "ca.crt")}`,
    `--cluster-signing-cert-file=${pki(paths, "ca.crt")}`,
    `--cluster-signing-key-file=${pki(paths, "ca.key")}`,
    `--controllers=*,bootstrapsigner,tokencleaner`,
    ...servingFlags(paths, "controller-manager-server"),
    `--service-account-private-key-file=${pki(paths, "sa.key")}`,
    `--use-service-account-credentials=true`,
    `--leader-elect=false`,
  ];
  return program(plan, name, "controller-manager", argv, ["apiserver"]);
}

function scheduler(plan: Plan): ProgramSpec {
  const { config, paths, installation } = plan;
  const argv = [
    ...service(installation, "scheduler"),
    `--kubeconfig=${kubeconfigFile(paths, "scheduler")}`,
    ...servingFlags(paths, "scheduler-server"),
    `--leader-elect=false`,
  ];
  return program(plan, controlPlaneOf(config).name, "scheduler", argv, ["apiserver"]);
}

function servingFlags(paths: ClusterPaths, name: string): string[] {
  return [
    `--tls-cert-file=${pki(paths, `${name}.crt`)}`,
    `--tls-private-key-file=${pki(paths, `${name}.key`)}`,
    `--client-ca-file=${pki(paths, "ca.crt")}`,
  ];
}

export const runtimeProgram = (node: string): string => `runtime-${node}`;

function runtime(plan: Plan, node: NodeConfig): ProgramSpec {
  const { config, paths, installation } = plan;
  const at = paths.node(node.name);
  const argv =
    config.runtime === "containerd"
      ? [
          installation.containerd ?? "containerd",
          "--config",
          join(at.configs, "containerd.toml"),
          "--log-level",
          "warn",
        ]
      : [
          ...service(installation, "runtime-process"),
          `--socket=${at.runtimeSocket}`,
          `--root=${at.runtime}`,
          `--stream-address=${node.address}`,
          ...(config.isolation === "namespaces"
            ? [
                `--cgroup-root=/${nodeCgroup(config, node.name)}`,
                `--shared-memory-dir=${sharedMemoryFolder(config, node.name)}`,
              ]
            : rootlessRuntimeFlags(config, node)),
        ];
  return program(plan, node.name, runtimeProgram(node.name), argv, [], {
    kind: "socket",
    path: at.runtimeSocket,
  });
}

/** A kube-proxy without root cannot listen on port 443, so that the pods' way to the apiserver is the runtime's to make. */
function rootlessRuntimeFlags({ serviceSubnet, apiserverPort }: ClusterConfig, { address }: NodeConfig): string[] {
  const apiserver = `${address}:${apiserverPort}`;
  return [`--node-address=${address}`, `--pod-forwards=${addressAt(serviceSubnet, 1)}:443=${apiserver}`];
}

function kubelet(plan: Plan, node: NodeConfig): ProgramSpec {
  const { config, paths, installation } = plan;
  const at = paths.node(node.name);
  const argv = [
    ...service(installation, "kubelet"),
    `--kubeconfig=${kubeconfigFile(paths, `kubelet-${node.name}`)}`,
    `--config=${join(at.configs, "kubelet.yaml")}`,
    `--hostname-override=${node.name}`,
    `--node-ip=${node.address}`,
    `--root-dir=${at.kubelet}`,
    `--container-runtime-endpoint=unix://${at.runtimeSocket}`,
    ...(hasControlPlaneTaint(config, node)
      ? ["--register-with-taints=node-role.kubernetes.io/control-plane=:NoSchedule"]
      : []),
  ];
  return program(plan, node.name, `kubelet-${node.name}`, argv, ["apiserver", runtimeProgram(node.name)]);
}

/** A cluster of one node runs its pods there. */
function hasControlPlaneTaint(config: ClusterConfig, node: NodeConfig): boolean {
  return node.role === "control-plane" && config.nodes.length > 1;
}

function kubeProxy(plan: Plan, node: NodeConfig): ProgramSpec {
  const { config, paths, installation } = plan;
  const argv = [
    ...service(installation, "kube-proxy"),
    `--kubeconfig=${kubeconfigFile(paths, "kube-proxy")}`,
    `--hostname-override=${node.name}`,
    `--cluster-cidr=${config.podSubnet}`,
  ];
  return program(plan, node.name, `kube-proxy-${node.name}`, argv, ["apiserver"]);
}

function service(installation: Installation, name: string): string[] {
  return [installation.node, join(installation.dist, `${name}.cjs`)];
}

function pki(paths: ClusterPaths, file: string): string {
  return join(paths.pki, file);
}

export function kubeconfigFile(paths: ClusterPaths, name: string): string {
  return join(paths.kubeconfigs, `${name}.conf`);
}

/** The kubelet's component config (kubelet.config.k8s.io/v1beta1). */
export function kubeletConfiguration(
  config: ClusterConfig,
  paths: ClusterPaths,
  node: NodeConfig,
): Readonly<Record<string, unknown>> {
  const { leaseSeconds } = config.timing;
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    authentication: {
      x509: { clientCAFile: pki(paths, "ca.crt") },
      webhook: { enabled: true },
      anonymous: { enabled: false },
    },
    authorization: { mode: "Webhook" },
    rotateCertificates: true,
    tlsCertFile: pki(paths, `${kubeletServingName(node.name)}.crt`),
    tlsPrivateKeyFile: pki(paths, `${kubeletServingName(node.name)}.key`),
    clusterDomain: "cluster.local",
    clusterDNS: [addressAt(config.serviceSubnet, 10)],
    podLogsDir: paths.node(node.name).podLogs,
    nodeLeaseDurationSeconds: leaseSeconds,
    nodeStatusUpdateFrequency: `${Math.max(1, Math.floor(leaseSeconds / 4))}s`,
    ...(config.isolation === "namespaces"
      ? { cgroupRoot: `/${nodeCgroup(config, node.name)}`, cgroupDriver: "cgroupfs" }
      : {}),
  };
}

/** The kubeconfigs of components: file name → certificate name. */
export function componentKubeconfigs(config: ClusterConfig): Map<string, string> {
  return new Map([
    ["admin", "admin"],
    ["controller-manager", "controller-manager"],
    ["scheduler", "scheduler"],
    ["kube-proxy", "kube-proxy"],
    ...config.nodes.map(({ name }): [string, string] => [`kubelet-${name}`, kubeletClientName(name)]),
  ]);
}

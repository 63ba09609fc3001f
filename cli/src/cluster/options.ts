import { isIPv4 } from "node:net";
import { UserError } from "../command.ts";
import {
  type ClusterConfig,
  type FailureTiming,
  planNodes,
  quickTiming,
  type RuntimeName,
  runtimeNames,
  type StoreConfig,
  upstreamTiming,
} from "./cluster-config.ts";

/** The options of `up` as commander leaves them: absent when not given. */
export interface UpOptions {
  readonly nodes?: string;
  readonly runtime?: string;
  readonly store?: string;
  readonly etcdEndpoints?: string;
  readonly etcdCafile?: string;
  readonly etcdCertfile?: string;
  readonly etcdKeyfile?: string;
  readonly subnet?: string;
  readonly port?: string;
  readonly kubeconfig?: string;
  readonly uplink?: boolean;
  readonly quickFailover?: boolean;
  readonly nodeGracePeriod?: string;
  readonly tolerationSeconds?: string;
}

/** What the machine offers, found out by looking. */
export interface MachineFacts {
  readonly whyNoNamespaces: string | undefined;
  readonly hasContainerd: boolean;
  readonly hasEtcd: boolean;
  /** nftables is there, which nodes need to reach beyond the machine. */
  readonly hasNft: boolean;
  /** The machine's own address, for a cluster without namespaces. */
  readonly address: string;
  readonly defaultKubeconfig: string;
}

const maxNodes = 100;
const defaultSubnet = "172.30.0.0/24";

/**
 * Where pods and services have their addresses. An ordinary user can give the machine none, but 127.0.0.0/8 is there: its upper half is for
 * pods, its lower half for services.
 */
const subnets = {
  namespaces: { podSubnet: "10.244.0.0/16", serviceSubnet: "10.96.0.0/16" },
  host: { podSubnet: "127.244.0.0/16", serviceSubnet: "127.96.0.0/16" },
} as const;

/** A new cluster's config; throws a UserError for options that cannot be had. */
export function planCluster(name: string, options: UpOptions, facts: MachineFacts): ClusterConfig {
  const isolation = facts.whyNoNamespaces === undefined ? "namespaces" : "host";
  const nodeSubnet = parseSubnet(options.subnet ?? defaultSubnet);
  return {
    name,
    isolation,
    runtime: chooseRuntime(options.runtime ?? "auto", facts),
    store: chooseStore(options, facts),
    nodes:
      isolation === "namespaces"
        ? planNodes(parseCount("--nodes", options.nodes ?? "3", 1, maxNodes), nodeSubnet)
        : [{ name: "control-plane", role: "control-plane", address: facts.address }],
    nodeSubnet,
    ...subnets[isolation],
    apiserverPort: parseCount("--port", options.port ?? "6443", 1, 65535),
    timing: chooseTiming(options),
    uplink: isolation === "namespaces" && (options.uplink ?? facts.hasNft),
    kubeconfig: options.kubeconfig ?? facts.defaultKubeconfig,
  };
}

/** Which given options say something else than the cluster that exists. */
export function conflictingOptions(existing: ClusterConfig, options: UpOptions, facts: MachineFacts): string[] {
  const wanted = planCluster(existing.name, options, facts);
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const checks: Array<[flag: string, isGiven: boolean, isSame: boolean]> = [
    ["--nodes", options.nodes !== undefined, wanted.nodes.length === existing.nodes.length],
    ["--runtime", options.runtime !== undefined && options.runtime !== "auto", wanted.runtime === existing.runtime],
    ["--store", options.store !== undefined || options.etcdEndpoints !== undefined, same(wanted.store, existing.store)],
    ["--subnet", options.subnet !== undefined, wanted.nodeSubnet === existing.nodeSubnet],
    ["--port", options.port !== undefined, wanted.apiserverPort === existing.apiserverPort],
    ["--no-uplink", options.uplink === false, wanted.uplink === existing.uplink],
    [
      "--quick-failover",
      options.quickFailover === true ||
        options.nodeGracePeriod !== undefined ||
        options.tolerationSeconds !== undefined,
      same(wanted.timing, existing.timing),
    ],
  ];
  return checks.filter(([, isGiven, isSame]) => isGiven && !isSame).map(([flag]) => flag);
}

function chooseRuntime(wanted: string, facts: MachineFacts): RuntimeName {
  const needsRoot = facts.whyNoNamespaces !== undefined;
  if (wanted === "auto") return facts.hasContainerd && !needsRoot ? "containerd" : "process";
  const known = runtimeNames.find((name) => name === wanted);
  if (!known) throw new UserError(`there is no runtime "${wanted}"; choose auto, ${runtimeNames.join(" or ")}`);
  if (known === "containerd" && !facts.hasContainerd)
    throw new UserError("containerd is not installed: install the package containerd, or use --runtime process");
  if (known === "containerd" && needsRoot)
    throw new UserError(
      `containerd needs nodes as network namespaces, but ${facts.whyNoNamespaces}; use --runtime process`,
    );
  return known;
}

function chooseStore(options: UpOptions, facts: MachineFacts): StoreConfig {
  if (options.etcdEndpoints !== undefined) return externalEtcd(options.etcdEndpoints, options, facts);
  const wanted = options.store ?? "embedded";
  if (wanted === "embedded") return { kind: "embedded" };
  if (wanted !== "etcd") throw new UserError(`there is no store "${wanted}"; choose embedded or etcd`);
  if (!facts.hasEtcd)
    throw new UserError(
      "etcd is not installed: install the package etcd-server, name a running one with --etcd-endpoints, or use --store embedded",
    );
  return { kind: "etcd" };
}

function externalEtcd(text: string, options: UpOptions, facts: MachineFacts): StoreConfig {
  const endpoints = text.split(",").map((endpoint) => endpoint.trim());
  const bad = endpoints.find((endpoint) => !/^https?:\/\/[^/]+:\d+$/.test(endpoint));
  if (bad !== undefined) throw new UserError(`"${bad}" is no etcd endpoint; one looks like https://192.0.2.1:2379`);
  const local = endpoints.find((endpoint) => /^https?:\/\/(localhost|127\.[\d.]+|\[::1\]):/.test(endpoint));
  if (local !== undefined && facts.whyNoNamespaces === undefined) {
    throw new UserError(
      `the API server runs in a network namespace of its own, where ${local} is not this machine; let etcd listen on another address of the machine and name that`,
    );
  }
  return {
    kind: "external-etcd",
    endpoints,
    ...(options.etcdCafile ? { caFile: options.etcdCafile } : {}),
    ...(options.etcdCertfile ? { certFile: options.etcdCertfile } : {}),
    ...(options.etcdKeyfile ? { keyFile: options.etcdKeyfile } : {}),
  };
}

function chooseTiming(options: UpOptions): FailureTiming {
  const base = options.quickFailover ? quickTiming : upstreamTiming;
  const nodeGraceSeconds =
    options.nodeGracePeriod === undefined
      ? base.nodeGraceSeconds
      : parseCount("--node-grace-period", options.nodeGracePeriod, 2, 3600);
  return {
    nodeGraceSeconds,
    tolerationSeconds:
      options.tolerationSeconds === undefined
        ? base.tolerationSeconds
        : parseCount("--toleration-seconds", options.tolerationSeconds, 0, 86_400),
    // Several renewals must fit into the grace period, or a busy kubelet looks dead.
    leaseSeconds: Math.min(base.leaseSeconds, nodeGraceSeconds),
  };
}

function parseCount(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new UserError(`${flag} takes a whole number from ${min} to ${max}, not "${text}"`);
  return value;
}

function parseSubnet(text: string): string {
  const [base = "", bits] = text.split("/");
  if (!isIPv4(base) || bits !== "24" || !base.endsWith(".0"))
    throw new UserError(`--subnet takes an IPv4 /24 such as ${defaultSubnet}, not "${text}"`);
  return text;
}

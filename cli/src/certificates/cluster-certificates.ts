import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { addressAt, type ClusterConfig, controlPlaneOf, type NodeConfig } from "../cluster/cluster-config.ts";
import { type Authority, type CertificateRequest, createAuthority, type KeyPair, loadAuthority } from "./authority.ts";

/** A file pair's names in the pki folder: `NAME.crt` and `NAME.key`, as kubeadm has them. */
export type CertificateName = string;

/** The certificates of a cluster by file name, without the CA. Kubelets have one for serving and one as clients. */
export function certificateRequests(config: ClusterConfig): Map<CertificateName, CertificateRequest> {
  const requests = new Map<CertificateName, CertificateRequest>([
    ["apiserver", { commonName: "kube-apiserver", ...apiserverNames(config), usages: ["server"] }],
    ["apiserver-kubelet-client", client("kube-apiserver-kubelet-client", "kubeadm:cluster-admins")],
    ["apiserver-etcd-client", client("kube-apiserver-etcd-client")],
    ["etcd-server", { commonName: "etcd", ...etcdNames(config), usages: ["server", "client"] }],
    ["admin", client("kubernetes-admin", "system:masters")],
    ["controller-manager", client("system:kube-controller-manager")],
    ["scheduler", client("system:kube-scheduler")],
    ["controller-manager-server", serving("kube-controller-manager", config, "controller-manager")],
    ["scheduler-server", serving("kube-scheduler", config, "scheduler")],
    ["kube-proxy", client("system:kube-proxy", "system:node-proxier")],
  ]);
  for (const node of config.nodes) {
    for (const [name, request] of nodeCertificateRequests(node)) requests.set(name, request);
  }
  return requests;
}

export function nodeCertificateRequests(node: NodeConfig): Map<CertificateName, CertificateRequest> {
  return new Map<CertificateName, CertificateRequest>([
    [kubeletClientName(node.name), client(`system:node:${node.name}`, "system:nodes")],
    [
      kubeletServingName(node.name),
      {
        commonName: `system:node:${node.name}`,
        organizations: ["system:nodes"],
        dnsNames: [node.name],
        addresses: [node.address, "127.0.0.1"],
        usages: ["server"],
      },
    ],
  ]);
}

export const kubeletClientName = (node: string): CertificateName => `kubelet-client-${node}`;
export const kubeletServingName = (node: string): CertificateName => `kubelet-${node}`;

function client(commonName: string, ...organizations: string[]): CertificateRequest {
  return { commonName, organizations, usages: ["client"] };
}

/** For the metrics of a program of the control plane; `host` is the name of its container. */
function serving(commonName: string, config: ClusterConfig, host: string): CertificateRequest {
  const { address, name } = controlPlaneOf(config);
  const addresses = [...new Set(["127.0.0.1", address])];
  return { commonName, dnsNames: ["localhost", name, host], addresses, usages: ["server"] };
}

function apiserverNames(config: ClusterConfig): Pick<CertificateRequest, "dnsNames" | "addresses"> {
  const { address, name } = controlPlaneOf(config);
  return {
    dnsNames: [
      "kubernetes",
      "kubernetes.default",
      "kubernetes.default.svc",
      "kubernetes.default.svc.cluster.local",
      "localhost",
      name,
      "apiserver",
    ],
    addresses: [...new Set([addressAt(config.serviceSubnet, 1), "127.0.0.1", address])],
  };
}

function etcdNames(config: ClusterConfig): Pick<CertificateRequest, "dnsNames" | "addresses"> {
  return { dnsNames: ["localhost", "etcd"], addresses: [...new Set(["127.0.0.1", controlPlaneOf(config).address])] };
}

/**
 * By what it shows, extension API servers believe the apiserver who a user is. It has an authority of its own: a user's certificate must not be
 * taken for it, nor it for a user's.
 */
export const frontProxyClientName: CertificateName = "front-proxy-client";
export const frontProxyAuthority: CertificateName = "front-proxy-ca";
const frontProxyRequests = new Map([[frontProxyClientName, client(frontProxyClientName)]]);

/** A certificate that ends within this time is renewed at the next start. */
const renewalMs = 90 * 24 * 60 * 60 * 1000;

function endsSoon(certificate: string, nowMs: number): boolean {
  return Date.parse(new X509Certificate(certificate).validTo) - nowMs < renewalMs;
}

/**
 * Writes what is missing of the CAs, every certificate in `requests`, the front proxy's and the service account key; what is there stays as it is, but for
 * certificates that end soon.
 * Keys are readable by their owner only. Each file appears whole or not at all.
 */
export async function ensureCertificates(
  folder: string,
  requests: ReadonlyMap<CertificateName, CertificateRequest>,
  nowMs: number,
): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [authority, frontProxy] = [
    await ensureAuthority(folder, "ca", "kubernetes", nowMs),
    await ensureAuthority(folder, frontProxyAuthority, frontProxyAuthority, nowMs),
  ];
  await ensurePairs(folder, requests, authority, nowMs);
  await ensurePairs(folder, frontProxyRequests, frontProxy, nowMs);
  ensureServiceAccountKey(folder);
}

async function ensureAuthority(folder: string, name: string, commonName: string, nowMs: number): Promise<Authority> {
  if (hasPair(folder, name)) return loadAuthority(readPair(folder, name), nowMs);
  const authority = await createAuthority(commonName, nowMs);
  writePair(folder, name, authority);
  return authority;
}

async function ensurePairs(
  folder: string,
  requests: ReadonlyMap<CertificateName, CertificateRequest>,
  authority: Authority,
  nowMs: number,
): Promise<void> {
  const missing = [...requests].filter(
    ([name]) => !hasPair(folder, name) || endsSoon(readPair(folder, name).certificate, nowMs),
  );
  await Promise.all(missing.map(async ([name, request]) => writePair(folder, name, await authority.issue(request))));
}

/** The key that signs service account tokens: RSA, for that is what every verifier of JWTs knows. */
function ensureServiceAccountKey(folder: string): void {
  if (existsSync(join(folder, "sa.key")) && existsSync(join(folder, "sa.pub"))) return;
  const keys = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  writeWhole(join(folder, "sa.key"), keys.privateKey, 0o600);
  writeWhole(join(folder, "sa.pub"), keys.publicKey, 0o644);
}

function hasPair(folder: string, name: CertificateName): boolean {
  return existsSync(join(folder, `${name}.crt`)) && existsSync(join(folder, `${name}.key`));
}

export function readPair(folder: string, name: CertificateName): KeyPair {
  return {
    certificate: readFileSync(join(folder, `${name}.crt`), "utf8"),
    key: readFileSync(join(folder, `${name}.key`), "utf8"),
  };
}

function writePair(folder: string, name: CertificateName, pair: Pick<KeyPair, "certificate" | "key">): void {
  writeWhole(join(folder, `${name}.key`), pair.key, 0o600);
  writeWhole(join(folder, `${name}.crt`), pair.certificate, 0o644);
}

/** Writes a file that others see either not at all or complete. */
export function writeWhole(path: string, content: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, content, { mode });
  renameSync(draft, path);
}

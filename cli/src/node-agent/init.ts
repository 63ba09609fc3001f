import { chownSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ensureCertificates, writeWhole } from "../certificates/cluster-certificates.ts";
import type { ClusterConfig } from "../cluster/cluster-config.ts";
import { componentKubeconfig, embeddedKubeconfig, writeKubeconfig } from "../cluster/kubeconfig.ts";
import { clusterPaths } from "../cluster/paths.ts";
import { type Credentials, composeCertificateRequests, credentialsOf } from "./credentials.ts";
import { credentialsFolder } from "./worker-paths.ts";

/** Where `init` finds its volumes. */
export interface InitFolders {
  /** All certificates and keys, the authority's included: mounted into no other container. */
  readonly pki: string;
  /** One folder a container, each the volume that the container sees as `/etc/tskube`. */
  readonly credentials: string;
  /** A folder of the host for the administrator's kubeconfig. */
  readonly host: string;
}

/** How containers and people reach the apiserver. */
export interface ApiserverUrls {
  readonly inside: string;
  readonly outside: string;
}

/**
 * Makes the cluster's certificates once, and hands each container its share; running it again writes what is missing and renews
 * what depends on the environment. Returns the path of the administrator's kubeconfig.
 */
export async function initialize(
  config: ClusterConfig,
  folders: InitFolders,
  urls: ApiserverUrls,
  nowMs: number,
): Promise<string> {
  await ensureCertificates(folders.pki, composeCertificateRequests(config), nowMs);
  for (const credentials of credentialsOf(config)) handOut(config, folders, credentials, urls.inside);
  return writeAdminKubeconfig(config, folders, urls.outside);
}

function handOut(config: ClusterConfig, folders: InitFolders, credentials: Credentials, server: string): void {
  const { name, userId, pairs, files, kubeconfigs } = credentials;
  const target = join(folders.credentials, name);
  requireFolder(target, `mount the volume that ${name} sees as ${credentialsFolder}`);
  const give = (path: string) => chownSync(path, userId, userId);
  give(target);
  const pki = join(target, "pki");
  mkdirSync(pki, { recursive: true, mode: 0o700 });
  give(pki);
  for (const file of ["ca.crt", ...pairs.flatMap((pair) => [`${pair}.crt`, `${pair}.key`]), ...files]) {
    writeWhole(join(pki, file), readFileSync(join(folders.pki, file), "utf8"), file.endsWith(".key") ? 0o600 : 0o644);
    give(join(pki, file));
  }
  const configs = join(target, "kubeconfigs");
  mkdirSync(configs, { recursive: true, mode: 0o700 });
  give(configs);
  for (const [file, certificate] of Object.entries(kubeconfigs)) {
    const path = join(configs, `${file}.conf`);
    writeKubeconfig(path, componentKubeconfig(config.name, server, join(credentialsFolder, "pki"), certificate));
    give(path);
  }
}

/** The file belongs to whom its folder belongs to: the host's user, not root. */
function writeAdminKubeconfig(config: ClusterConfig, folders: InitFolders, server: string): string {
  requireFolder(folders.host, "mount the folder for the kubeconfig there");
  const path = join(folders.host, "admin.conf");
  const paths = { ...clusterPaths("/", config.name), pki: folders.pki };
  writeKubeconfig(path, embeddedKubeconfig(config, paths, server));
  const { uid, gid } = statSync(folders.host);
  chownSync(path, uid, gid);
  return path;
}

/** Written into the container's own files, credentials would be lost without a word. */
function requireFolder(path: string, advice: string): void {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`there is no folder ${path}: ${advice}`);
}

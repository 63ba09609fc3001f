import { chownSync, mkdirSync, readFileSync, renameSync, statSync } from "node:fs";
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
  chownSync(target, userId, userId);
  const folder = (part: string) => {
    const path = join(target, part);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chownSync(path, userId, userId);
    return path;
  };
  const pki = folder("pki");
  for (const file of ["ca.crt", ...pairs.flatMap((pair) => [`${pair}.crt`, `${pair}.key`]), ...files]) {
    const mode = file.endsWith(".key") ? 0o600 : 0o644;
    deliver(join(pki, file), userId, userId, (draft) =>
      writeWhole(draft, readFileSync(join(folders.pki, file), "utf8"), mode),
    );
  }
  const configs = folder("kubeconfigs");
  for (const [file, certificate] of Object.entries(kubeconfigs)) {
    const kubeconfig = componentKubeconfig(config.name, server, join(credentialsFolder, "pki"), certificate);
    deliver(join(configs, `${file}.conf`), userId, userId, (draft) => writeKubeconfig(draft, kubeconfig));
  }
}

/** The file belongs to whom its folder belongs to: the host's user, not root. */
function writeAdminKubeconfig(config: ClusterConfig, folders: InitFolders, server: string): string {
  requireFolder(folders.host, "mount the folder for the kubeconfig there");
  const path = join(folders.host, "admin.conf");
  const paths = { ...clusterPaths("/", config.name), pki: folders.pki };
  const { uid, gid } = statSync(folders.host);
  deliver(path, uid, gid, (draft) => writeKubeconfig(draft, embeddedKubeconfig(config, paths, server)));
  return path;
}

/** A program that reads the file meanwhile sees the former one or the new one, and never one that is not its own yet. */
function deliver(path: string, userId: number, groupId: number, write: (draft: string) => void): void {
  const draft = `${path}.draft`;
  write(draft);
  chownSync(draft, userId, groupId);
  renameSync(draft, path);
}

/** Written into the container's own files, credentials would be lost without a word. */
function requireFolder(path: string, advice: string): void {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`there is no folder ${path}: ${advice}`);
}

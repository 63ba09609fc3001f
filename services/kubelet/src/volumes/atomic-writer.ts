import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join, normalize, sep } from "node:path";
import { systemErrorCode } from "@tskube/base";

export interface PayloadFile {
  readonly data: Buffer;
  readonly mode: number;
  /** Owner other than the kubelet's user. */
  readonly uid?: number | undefined;
}

/** Files by their path below the volume. */
export type Payload = ReadonlyMap<string, PayloadFile>;

const dataLink = "..data";

/**
 * Writes a set of files so that readers see all of the old ones or all of the new, never a mix:
 *
 *     volume/..2030_01_01_00_00_00.123456/path/to/key    the files themselves
 *     volume/..data -> ..2030_01_01_00_00_00.123456      switched by one rename
 *     volume/path -> ..data/path                         what containers open
 *
 * Returns whether anything changed.
 */
export async function writePayload(
  dir: string,
  payload: Payload,
  options: { readonly nowMs: number; readonly gid?: number | undefined },
): Promise<boolean> {
  for (const path of payload.keys()) checkPath(path);
  const current = await readlink(join(dir, dataLink)).catch(orMissing);
  if (current && (await isSame(join(dir, current), payload))) return false;
  const next = await writeNew(dir, payload, options);
  await symlink(next, join(dir, "..data_tmp")).catch(async (error) => {
    if (systemErrorCode(error) !== "EEXIST") throw error;
    await rm(join(dir, "..data_tmp"), { force: true });
    await symlink(next, join(dir, "..data_tmp"));
  });
  await rename(join(dir, "..data_tmp"), join(dir, dataLink));
  await linkFirstNames(dir, payload);
  await removeStale(dir, payload, next);
  return true;
}

/** Paths come from the API, where they are validated; here a wrong one would write outside of the volume. */
function checkPath(path: string): void {
  const isInside = path !== "" && !path.startsWith("/") && !normalize(path).split(sep).includes("..");
  if (!isInside || path.startsWith("..") || path.length > 4096) throw new Error(`invalid path ${JSON.stringify(path)}`);
}

async function writeNew(
  dir: string,
  payload: Payload,
  { nowMs, gid }: { nowMs: number; gid?: number | undefined },
): Promise<string> {
  const stamp = new Date(nowMs).toISOString().slice(0, 19).replace(/[-:T]/g, "_");
  const versionDir = await mkdtemp(join(dir, `..${stamp}.`));
  await chmod(versionDir, 0o755);
  for (const [path, { data, mode, uid }] of payload) {
    const target = join(versionDir, path);
    if (path.includes("/")) await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    await writeFile(target, data, { mode });
    await chmod(target, mode); // the umask must not decide
    if (uid !== undefined || gid !== undefined)
      await chown(target, uid ?? process.getuid?.() ?? 0, gid ?? process.getgid?.() ?? 0);
  }
  return versionDir.slice(dir.length + 1);
}

function firstNames(payload: Payload): Set<string> {
  return new Set(Array.from(payload.keys(), (path) => path.split("/")[0] ?? path));
}

async function linkFirstNames(dir: string, payload: Payload): Promise<void> {
  for (const name of firstNames(payload)) {
    await symlink(join(dataLink, name), join(dir, name)).catch((error) => {
      if (systemErrorCode(error) !== "EEXIST") throw error;
    });
  }
}

async function removeStale(dir: string, payload: Payload, current: string): Promise<void> {
  const kept = new Set([...firstNames(payload), dataLink, current]);
  for (const name of await readdir(dir))
    if (!kept.has(name)) await rm(join(dir, name), { recursive: true, force: true });
}

async function isSame(versionDir: string, payload: Payload): Promise<boolean> {
  const files = await filesBelow(versionDir, "");
  if (files.length !== payload.size) return false;
  for (const [path, { data }] of payload) {
    const written = await readFile(join(versionDir, path)).catch(orMissing);
    if (!written?.equals(data)) return false;
  }
  return true;
}

async function filesBelow(dir: string, prefix: string): Promise<string[]> {
  const entries = await readdir(join(dir, prefix), { withFileTypes: true }).catch(orMissing);
  const nested = (entries ?? []).map((entry) => {
    const path = join(prefix, entry.name);
    return entry.isDirectory() ? filesBelow(dir, path) : [path];
  });
  return (await Promise.all(nested)).flat();
}

function orMissing(error: unknown): undefined {
  if (systemErrorCode(error) === "ENOENT") return undefined;
  throw error;
}

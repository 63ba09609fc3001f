import { readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemErrorCode } from "@tskube/base";

/** The text of a control file; undefined when the kernel or the group does not have it. */
export async function readControl(dir: string, file: string): Promise<string | undefined> {
  return readFile(join(dir, file), "utf8").catch(() => undefined);
}

export async function readNumber(dir: string, file: string): Promise<bigint | undefined> {
  const text = (await readControl(dir, file))?.trim();
  return text !== undefined && /^\d+$/.test(text) ? BigInt(text) : undefined;
}

/** The value of `key` in a file of `key value` lines. */
export function keyedValue(text: string | undefined, key: string): bigint {
  const match = new RegExp(`^${key} (\\d+)$`, "m").exec(text ?? "");
  return BigInt(match?.[1] ?? 0);
}

/** Writes a limit; the failure names the file, for the kernel's own word is only EINVAL or EBUSY. */
export async function writeControl(dir: string, file: string, value: string): Promise<void> {
  try {
    await writeFile(join(dir, file), value);
  } catch (error) {
    throw new Error(`cannot write ${value} to ${join(dir, file)}`, { cause: error });
  }
}

export async function processesUnder(dir: string): Promise<number[]> {
  const text = (await readControl(dir, "cgroup.procs")) ?? "";
  const own = text.split("\n").filter(Boolean).map(Number);
  const below = await Promise.all((await subgroups(dir)).map((child) => processesUnder(child)));
  return [...own, ...below.flat()];
}

/** Removes a group with all groups below; false when one is in use. */
export async function removeGroup(dir: string): Promise<boolean> {
  for (const child of await subgroups(dir)) if (!(await removeGroup(child))) return false;
  try {
    await rmdir(dir);
    return true;
  } catch (error) {
    return systemErrorCode(error) === "ENOENT";
  }
}

async function subgroups(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(dir, entry.name));
}

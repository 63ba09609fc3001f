import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { runCommand } from "../run-command.ts";

/** What is still needed when a process already stands in the container's root, where the node's programs are out of reach. */
const toolNames = ["setsid", "setpriv", "env", "umount", "unshare"] as const;
export type ToolName = (typeof toolNames)[number];

/**
 * Private copies of a few of the node's programs and their libraries. A process keeps this directory as its working directory while it changes root, and
 * runs the tools from there by relative paths; its last act is to change to the container's own directory.
 */
export interface Toolbox {
  readonly dir: string;
  /** The words that run a tool when the working directory is `dir`. */
  command(tool: ToolName): readonly string[];
}

/** Copies the tools into `dir`, anew at each start: the node may have been upgraded meanwhile. */
export async function createToolbox(dir: string): Promise<Toolbox> {
  const scratch = `${dir}.new`;
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { mode: 0o755 });
  const programs = await Promise.all(toolNames.map(findProgram));
  const libraries = await librariesOf(programs);
  for (const file of [...programs, ...libraries]) await copyFile(file, join(scratch, basename(file)));
  await replaceDir(scratch, dir);
  const loader = [...libraries].find((file) => /^ld[-.]/.test(basename(file)) || /^ld-musl/.test(basename(file)));
  const prefix = loader ? [`./${basename(loader)}`, "--library-path", "."] : [];
  return { dir, command: (tool) => [...prefix, `./${tool}`] };
}

/** Processes in the middle of a start keep the old directory, which exists for them until they leave it. */
async function replaceDir(scratch: string, dir: string): Promise<void> {
  const old = `${dir}.old`;
  await rm(old, { recursive: true, force: true });
  await rename(dir, old).catch(() => {});
  await rename(scratch, dir);
  await rm(old, { recursive: true, force: true });
}

async function findProgram(name: string): Promise<string> {
  const { code, stdout } = await runCommand("/bin/sh", ["-c", `command -v ${name}`]);
  const path = stdout.trim();
  if (code !== 0 || !path.startsWith("/")) {
    throw new Error(`${name} is not installed: the process runtime needs util-linux and coreutils`);
  }
  return path;
}

/** The shared libraries and the loader that programs need; none for static ones. */
async function librariesOf(programs: readonly string[]): Promise<ReadonlySet<string>> {
  const { stdout } = await runCommand("ldd", programs, { env: { ...process.env, LC_ALL: "C" } });
  const paths = stdout.split("\n").flatMap((line) => /(?:=>\s*)?(\/\S+)\s+\(0x/.exec(line)?.[1] ?? []);
  return new Set(paths);
}

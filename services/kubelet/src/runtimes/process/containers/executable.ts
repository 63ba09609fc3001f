import { join } from "node:path";
import { resolvePath } from "../files/resolve.ts";
import type { FileView } from "../files/view.ts";

/** Where a program was found, or why it cannot be run, in the words of other runtimes. */
export type Executable = { readonly path: string } | { readonly error: string };

/** Looks a program up as exec would inside the container: names without a slash along PATH. */
export async function findExecutable(
  view: FileView,
  name: string,
  env: readonly string[],
  cwd: string,
): Promise<Executable> {
  if (name.includes("/")) return check(view, name.startsWith("/") ? name : join(cwd, name), name);
  const path = env.findLast((pair) => pair.startsWith("PATH="))?.slice("PATH=".length) ?? "";
  for (const dir of path.split(":").filter(Boolean)) {
    const found = await check(view, join(dir, name), name);
    if ("path" in found) return found;
  }
  return { error: `exec: "${name}": executable file not found in $PATH` };
}

async function check(view: FileView, path: string, name: string): Promise<Executable> {
  const { entry } = await resolvePath(view, path);
  if (!entry) return { error: `exec: "${name}": stat ${path}: no such file or directory` };
  if (entry.kind === "dir") return { error: `exec: "${name}": is a directory` };
  // The unresolved path: programs look at the name that they are called by.
  return entry.mode & 0o111 ? { path } : { error: `exec: "${name}": permission denied` };
}

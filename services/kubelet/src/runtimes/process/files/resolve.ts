import { CriError } from "@tskube/cri";
import { type Entry, type FileView, linkTarget } from "./view.ts";

export interface Resolved {
  /** Absolute in the tree, free of links and dots. */
  readonly path: string;
  /** Absent when nothing is there yet. */
  readonly entry: Entry | undefined;
}

/** As the kernel's own limit. */
const maxLinks = 40;

/**
 * Resolves `path` inside a tree as a process whose root it is would: absolute links start at the tree's root and `..` stops there, so that no
 * link leads out. What lies beyond the first missing component is taken literally.
 */
export async function resolvePath(view: FileView, path: string): Promise<Resolved> {
  const todo = path.split("/").reverse();
  let done: string[] = [];
  let links = 0;
  let entry = await view.entry("/");
  while (todo.length > 0) {
    const component = todo.pop();
    if (!component || component === ".") continue;
    if (component === "..") {
      done.pop();
      entry = await view.entry(`/${done.join("/")}`);
      continue;
    }
    const at = `/${[...done, component].join("/")}`;
    entry = await view.entry(at);
    if (entry?.kind === "link") {
      if (++links > maxLinks) throw new CriError("INVALID_ARGUMENT", `too many symbolic links in ${path}`);
      const target = await linkTarget(entry);
      if (target.startsWith("/")) done = [];
      todo.push(...target.split("/").reverse());
      continue;
    }
    done.push(component);
  }
  const resolved = `/${done.join("/")}`;
  return { path: resolved, entry: entry?.kind === "link" ? await view.entry(resolved) : entry };
}

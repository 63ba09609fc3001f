import { lchownSync } from "node:fs";

const isRoot = process.getuid?.() === 0;

/** Gives a file its owner. Without root every file is the user's own, and so it stays. */
export function setOwner(path: string, uid: number, gid: number): void {
  if (isRoot) lchownSync(path, uid, gid);
}

/** The mode for a directory that is being filled: only root gets into one that shuts out its owner. */
export const directoryMode = (mode: number): number => (isRoot ? mode : mode | 0o700);

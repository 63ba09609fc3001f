/**
 * Bundles each program into dist/, so that it starts without resolving modules. A program that fails to build leaves the former bundle
 * in place. `dist/.stamp` is as old as the start of the last good build: sources newer than it make it stale.
 */
import { closeSync, cpSync, mkdirSync, openSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { writeProgram } from "./build/program-files.ts";
import { writeApiDescriptions } from "./generate/descriptions.ts";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

/** Program name → entry file. */
const programs: Readonly<Record<string, string>> = {
  apiserver: "services/apiserver/src/main.ts",
  scheduler: "services/scheduler/src/main.ts",
  "controller-manager": "services/controller-manager/src/main.ts",
  kubelet: "services/kubelet/src/main.ts",
  "kube-proxy": "services/kube-proxy/src/main.ts",
  "runtime-process": "services/kubelet/src/runtimes/process/main.ts",
  supervisor: "cli/src/supervisor/main.ts",
  "node-agent": "cli/src/node-agent/main.ts",
  tskube: "cli/src/main.ts",
};

/** Loaded from node_modules at run time: LMDB is a prebuilt native module. */
const external = ["lmdb"];

/**
 * etcd3 reads its protobuf sources from beside its own code when it is loaded. In a bundle that place is dist/, so they are copied there.
 */
const etcdProtobuf: Plugin = {
  name: "etcd-protobuf",
  setup(pluginBuild) {
    pluginBuild.onLoad({ filter: /etcd3[/\\]lib[/\\]connection-pool\.js$/ }, ({ path }) => {
      cpSync(join(path, "../../proto"), join(dist, "etcd3-proto"), { recursive: true });
      const code = readFileSync(path, "utf8");
      const moved = code.replace("/../proto/rpc.proto", "/etcd3-proto/rpc.proto");
      if (moved === code) throw new Error("etcd3 reads its protobuf sources from another place than before");
      return { contents: moved, loader: "js" };
    });
  },
};

/** Bundles one program; it appears whole or the former one stays. */
async function buildProgram(name: string, entry: string): Promise<void> {
  try {
    const { outputFiles } = await build({
      entryPoints: [join(root, entry)],
      outfile: join(dist, `${name}.cjs`),
      write: false,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      charset: "ascii",
      minifySyntax: true,
      minifyWhitespace: true,
      external,
      plugins: [etcdProtobuf],
      define: { "import.meta.dirname": "__dirname", "import.meta.filename": "__filename" },
      logLevel: "warning",
      absWorkingDir: root,
    });
    await writeProgram(dist, name, outputFiles[0]?.text ?? "");
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    failed.push(name); // esbuild has said why
  }
}

function isBuildFailure(error: unknown): boolean {
  return error instanceof Error && "errors" in error;
}

const startedAt = new Date();
const failed: string[] = [];
mkdirSync(dist, { recursive: true });
await Promise.all(Object.entries(programs).map(([name, entry]) => buildProgram(name, entry)));
// What `kubectl explain` says of each field is taken from the documentation comments of the installed client library.
writeApiDescriptions(join(dist, "api-descriptions.json"));
if (failed.length > 0) {
  console.error(`cannot build ${failed.join(", ")}`);
  process.exitCode = 1;
} else {
  const stamp = join(dist, ".stamp");
  closeSync(openSync(stamp, "w"));
  utimesSync(stamp, startedAt, startedAt);
}

/**
 * Bundles each program into one file under dist/, so that it starts without resolving modules. A program that fails to build leaves
 * the former bundle in place. `dist/.stamp` is as old as the start of the last good build: sources newer than it make it stale.
 */
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";

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

const startedAt = new Date();
const staging = join(dist, `.staging-${process.pid}`);
mkdirSync(staging, { recursive: true });
try {
  await build({
    entryPoints: Object.fromEntries(
      Object.entries(programs)
        .filter(([, entry]) => existsSync(join(root, entry)))
        .map(([name, entry]) => [name, join(root, entry)]),
    ),
    outdir: staging,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: "linked",
    sourcesContent: false,
    external,
    plugins: [etcdProtobuf],
    define: { "import.meta.dirname": "__dirname", "import.meta.filename": "__filename" },
    logLevel: "warning",
    absWorkingDir: root,
  });
  for (const name of Object.keys(programs)) {
    for (const suffix of [".cjs.map", ".cjs"]) {
      if (existsSync(join(staging, name + suffix))) renameSync(join(staging, name + suffix), join(dist, name + suffix));
    }
  }
  const stamp = join(dist, ".stamp");
  closeSync(openSync(stamp, "w"));
  utimesSync(stamp, startedAt, startedAt);
} finally {
  rmSync(staging, { recursive: true, force: true });
}

import { type ChildProcess, spawn } from "node:child_process";
import { TestCluster } from "../framework/cluster.ts";

let shared: Promise<TestCluster> | undefined;

// One cluster for all files of this folder: ended after the last.
after(async function () {
  this.timeout(120_000);
  await (await shared)?.down();
});

/** Nodes are network namespaces, which need root on Linux. */
export const canRunClusters = process.platform === "linux" && process.getuid?.() === 0;

/** Three nodes on etcd and the process runtime; tests keep apart by names and namespaces of their own. */
export function bookCluster(): Promise<TestCluster> {
  shared ??= start();
  return shared;
}

async function start(): Promise<TestCluster> {
  const flags = ["--store", "etcd", "--runtime", "process", "--node-grace-period", "10"];
  const cluster = await TestCluster.create({ name: "book", subnet: "172.30.64.0/24", flags });
  await cluster.up();
  return cluster;
}

export interface ApiProxy {
  /** Without a slash at the end. */
  readonly url: string;
  stop(): Promise<void>;
}

const proxyStartMs = 10_000;

/** `kubectl proxy`: the API over plain HTTP, as curl would be used with it. */
export async function startProxy(cluster: TestCluster, ...flags: readonly string[]): Promise<ApiProxy> {
  const { child, line } = await startKubectl(cluster, ["proxy", "--port=0", ...flags], /Starting to serve on (\S+)/);
  return { url: `http://${line[1]}`, stop: () => end(child) };
}

export interface Started {
  readonly child: ChildProcess;
  /** What the awaited line was. */
  readonly line: RegExpExecArray;
  /** All that was printed so far. */
  output(): string;
}

/** Starts a kubectl that stays, and resolves when it has printed what `awaited` matches. */
export function startKubectl(cluster: TestCluster, args: readonly string[], awaited: RegExp): Promise<Started> {
  const [program = "", ...rest] = cluster.kubectlCommand(args);
  const child = spawn(program, rest, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
  });
  let printed = "";
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`kubectl ${args.join(" ")} did not print ${awaited}: ${printed}`));
    const timer = setTimeout(() => child.kill("SIGKILL"), proxyStartMs);
    child.once("exit", fail);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        printed += chunk;
        const line = awaited.exec(printed);
        if (!line) return;
        clearTimeout(timer);
        child.removeListener("exit", fail);
        resolve({ child, line, output: () => printed });
      });
    }
  });
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await exited;
}

/** A pod's manifest that runs a shell command of this machine's own files. */
export function podManifest(name: string, command: string, more: Readonly<Record<string, unknown>> = {}): string {
  const { metadata = {}, ...spec } = more as { metadata?: object };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, ...metadata },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "main", image: "host", command: ["sh", "-c", command] }],
      ...spec,
    },
  });
}

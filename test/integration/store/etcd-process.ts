import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../framework/free-port.ts";

export interface EtcdTlsFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface StartEtcdOptions {
  /** Serves TLS with this certificate and asks clients for one of the same authority. */
  readonly tls?: EtcdTlsFiles;
  readonly extraArgs?: readonly string[];
}

export interface EtcdProcess {
  readonly endpoints: readonly string[];
  readonly dataDir: string;
  /** SIGTERM, then everything is removed. */
  stop(): Promise<void>;
  /** SIGKILL; the data stays. */
  kill(): Promise<void>;
  /** Starts it again on the same ports and data, after a kill or in place of the running one. */
  restart(): Promise<void>;
}

/** Starts Debian's etcd on free ports of the loopback interface, with its data in a directory of its own. */
export async function startEtcd(options: StartEtcdOptions = {}): Promise<EtcdProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), "tskube-etcd-"));
  const [clientPort, peerPort] = [await freePort(), await freePort()];
  const endpoint = `${options.tls ? "https" : "http"}://127.0.0.1:${clientPort}`;
  const args = etcdArgs(dataDir, endpoint, `http://127.0.0.1:${peerPort}`, options);
  let child = await launch(args, dataDir, clientPort);
  const end = (signal: "SIGTERM" | "SIGKILL") => endProcess(child, signal);
  return {
    endpoints: [endpoint],
    dataDir,
    kill: () => end("SIGKILL"),
    async restart() {
      await end("SIGKILL");
      child = await launch(args, dataDir, clientPort);
    },
    async stop() {
      await end("SIGTERM");
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function etcdArgs(dataDir: string, clientUrl: string, peerUrl: string, options: StartEtcdOptions): string[] {
  const tls = options.tls && [
    "--client-cert-auth",
    `--trusted-ca-file=${options.tls.caFile}`,
    `--cert-file=${options.tls.certFile}`,
    `--key-file=${options.tls.keyFile}`,
  ];
  return [
    "--name=test",
    `--data-dir=${join(dataDir, "data")}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=test=${peerUrl}`,
    ...(tls ?? []),
    ...(options.extraArgs ?? []),
  ];
}

async function launch(args: readonly string[], dataDir: string, port: number): Promise<ChildProcess> {
  const child = spawn("etcd", args, { stdio: ["ignore", "pipe", "pipe"] });
  const log = createWriteStream(join(dataDir, "etcd.log"), { flags: "a" });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  await readyToServe(child, port);
  return child;
}

const startTimeoutMs = 20_000;

/** etcd says so in its log, in the wording of either log format. */
function readyToServe(child: ChildProcess, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`etcd on port ${port} is not ready in time`)), startTimeoutMs);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      act();
    };
    let output = "";
    child.once("error", (error) => settle(() => reject(error)));
    child.once("exit", (code) => settle(() => reject(new Error(`etcd ended with ${code}: ${output.slice(-1000)}`))));
    const onData = (chunk: Buffer) => {
      output = (output + chunk).slice(-10_000);
      if (/ready to serve client requests|serving (insecure )?client (requests|traffic)/i.test(output)) settle(resolve);
    };
    child.stdout?.on("data", onData);
    child.stderr?.on("data", onData);
  });
}

async function endProcess(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}

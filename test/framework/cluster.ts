import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { ClusterOverview } from "../../cli/src/cluster/overview.ts";
import { fetchClientTools } from "../../cli/src/kubectl/find-kubectl.ts";
import { command, output, type Result } from "./command.ts";

const root = join(import.meta.dirname, "../..");

export const toolCache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "tskube");

export interface TestClusterOptions {
  readonly name: string;
  /** A /24 that no other cluster uses at the same time. */
  readonly subnet: string;
  readonly flags: readonly string[];
  readonly kubernetesMinor?: "33" | "34" | "35";
}

/** A cluster made by the `tskube` command as a user would, in a folder of its own, driven by the real kubectl. */
export class TestCluster {
  readonly folder: string;
  readonly #options: TestClusterOptions;
  readonly #kubectl: string;

  private constructor(options: TestClusterOptions, kubectl: string) {
    this.#options = options;
    this.#kubectl = kubectl;
    // Short, for the paths of unix sockets are limited.
    this.folder = mkdtempSync(join(tmpdir(), "tsk-"));
  }

  static async create(options: TestClusterOptions): Promise<TestCluster> {
    const tools = await fetchClientTools(options.kubernetesMinor ?? "35", toolCache, (line) =>
      console.log(`    ${line}`),
    );
    return new TestCluster(options, tools.kubectl);
  }

  get kubeconfig(): string {
    return join(this.folder, "kubeconfig");
  }

  /** Runs `tskube` with arguments, for this cluster. Only `up` goes through the door that builds what is stale: a build would take time that tests measure. */
  tskube(args: readonly string[], timeoutMs = 120_000): Promise<Result> {
    const [first = "", ...rest] = args;
    const env = { TSKUBE_HOME: join(this.folder, "home") };
    const name =
      first === "node" || first === "image"
        ? [first, rest[0] ?? "", "--name", this.#options.name, ...rest.slice(1)]
        : [first, "--name", this.#options.name, ...rest];
    const program = first === "up" ? [join(root, "tskube")] : [process.execPath, join(root, "dist", "tskube.cjs")];
    return command([...program, ...name], { env, timeoutMs });
  }

  async up(): Promise<Result> {
    const result = await this.tskube([
      "up",
      "--subnet",
      this.#options.subnet,
      "--no-uplink",
      "--kubeconfig",
      this.kubeconfig,
      ...this.#options.flags,
    ]);
    if (result.code !== 0) throw new Error(`tskube up failed: ${result.stderr}${result.stdout}\n${this.logs()}`);
    return result;
  }

  async down(): Promise<void> {
    const result = await this.tskube(["down", "--delete"]);
    rmSync(this.folder, { recursive: true, force: true });
    if (result.code !== 0) throw new Error(`tskube down failed: ${result.stderr}`);
  }

  async overview(): Promise<ClusterOverview> {
    return JSON.parse((await this.tskube(["status", "-o", "json"])).stdout) as ClusterOverview;
  }

  /** The process of a program, by the name that `tskube status` shows. */
  async pidOf(program: string): Promise<number> {
    const { programs } = await this.overview();
    const pid = programs.find(({ name }) => name === program)?.pid;
    if (pid === undefined) throw new Error(`${program} does not run`);
    return pid;
  }

  kubectl(
    args: readonly string[],
    options: { readonly input?: string; readonly timeoutMs?: number } = {},
  ): Promise<Result> {
    return command(this.kubectlCommand(args), { env: { KUBECONFIG: this.kubeconfig }, ...options });
  }

  /** What kubectl printed; throws with all it said when it fails or warns. */
  async get(...args: readonly string[]): Promise<string> {
    const stdout = await output(this.kubectlCommand(args), { env: { KUBECONFIG: this.kubeconfig } });
    return stdout.trimEnd();
  }

  kubectlCommand(args: readonly string[]): string[] {
    return [this.#kubectl, "--cache-dir", join(this.folder, "kubectl-cache"), ...args];
  }

  async json<T>(...args: readonly string[]): Promise<T> {
    return JSON.parse(await this.get(...args, "-o", "json")) as T;
  }

  address(index: number): string {
    return this.#options.subnet.replace(/\.0\/24$/, `.${index + 2}`);
  }

  /** The last lines of every program's log, for the message of a test that failed. */
  logs(lines = 5): string {
    const folder = join(this.folder, "home", this.#options.name, "logs");
    if (!existsSync(folder)) return "no logs";
    const names = [
      "supervisor",
      "etcd",
      "apiserver",
      "controller-manager",
      "scheduler",
      "runtime-worker-1",
      "kubelet-worker-1",
      "runtime-worker-2",
      "kubelet-worker-2",
    ];
    return names
      .map((name) => join(folder, `${name}.log`))
      .filter((path) => existsSync(path))
      .map((path) => `${path}:\n${readFileSync(path, "utf8").trimEnd().split("\n").slice(-lines).join("\n")}`)
      .join("\n");
  }
}

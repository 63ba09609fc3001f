import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { signalProcess } from "../../../cli/src/system/processes.ts";
import type { Engine, EngineRunOptions } from "./engine.ts";

const repository = join(import.meta.dirname, "../../..");
const docker = "/usr/bin/docker";
const upTimeoutMs = 180_000;

/** The services of `docker-compose.yml` that are nodes of the API. */
export const workerNames = ["worker-1", "worker-2"] as const;
export type WorkerName = (typeof workerNames)[number];

/** The cluster that `docker-compose.yml` describes, on a test's own engine. */
export class ComposeCluster {
  readonly kubeconfig: string;
  readonly #engine: Engine;
  readonly #kubectl: string;
  readonly #environment: Readonly<Record<string, string>>;

  /** `environment` is for the variables of the compose file. */
  constructor(engine: Engine, kubectl: string, environment: Readonly<Record<string, string>>) {
    const folder = join(engine.folder, "kubeconfig");
    mkdirSync(folder);
    this.#engine = engine;
    this.#kubectl = kubectl;
    this.#environment = { ...environment, TSKUBE_KUBECONFIG_FOLDER: folder, COMPOSE_PROJECT_NAME: "tskube" };
    this.kubeconfig = join(folder, "admin.conf");
  }

  compose(argv: readonly string[], timeoutMs = 60_000): Promise<string> {
    return this.#engine.run(["docker-compose", ...argv], {
      cwd: repository,
      environment: this.#environment,
      timeoutMs,
    });
  }

  async up(): Promise<void> {
    await this.compose(["up", "-d", "--no-build"], upTimeoutMs);
  }

  /** Runs kubectl as the cluster's administrator. */
  kubectl(argv: readonly string[], options: EngineRunOptions = {}): Promise<string> {
    return this.#engine.run([this.#kubectl, `--kubeconfig=${this.kubeconfig}`, ...argv], options);
  }

  /** What kubectl shows of objects, as JSON. The caller knows their kind. */
  async get<T>(...argv: readonly string[]): Promise<T> {
    return JSON.parse(await this.kubectl(["get", "-o", "json", ...argv])) as T;
  }

  async inWorker(worker: WorkerName, argv: readonly string[], timeoutMs = 60_000): Promise<string> {
    return this.#engine.run([docker, "exec", await this.container(worker), ...argv], { timeoutMs });
  }

  /** Loads a docker-archive into both workers. */
  async loadImage(archive: Buffer): Promise<void> {
    const file = join(this.#engine.folder, "image.tar");
    writeFileSync(file, archive);
    for (const worker of workerNames) {
      const id = await this.container(worker);
      await this.#engine.run([docker, "cp", file, `${id}:/var/tmp/image.tar`]);
      await this.inWorker(worker, ["ctr", "--namespace=k8s.io", "images", "import", "/var/tmp/image.tar"]);
    }
  }

  /** Ends a service's first process behind docker's back, as a crash would: its restart policy applies. */
  async crash(service: string): Promise<void> {
    signalProcess(await this.firstProcess(service), "SIGKILL");
  }

  /** The pid of a service's first process as the machine sees it; 0 while there is none. */
  async firstProcess(service: string): Promise<number> {
    const container = await this.container(service);
    return Number(await this.#engine.run([docker, "inspect", "--format={{.State.Pid}}", container]));
  }

  /** The pids, as the machine sees them, of a worker's programs whose command line holds `text`. */
  async programsOf(worker: WorkerName, text: string): Promise<number[]> {
    const listing = await this.#engine.run([docker, "top", await this.container(worker), "-eo", "pid,args"]);
    return listing.split("\n").flatMap((line) => (line.includes(text) ? [Number.parseInt(line, 10)] : []));
  }

  /** `docker kill`: every process of the worker ends at once. */
  async kill(worker: WorkerName): Promise<void> {
    await this.#engine.run([docker, "kill", await this.container(worker)]);
  }

  async start(worker: WorkerName): Promise<void> {
    await this.#engine.run([docker, "start", await this.container(worker)]);
  }

  /** The id of a service's container, running or not. */
  async container(service: string): Promise<string> {
    return (await this.compose(["ps", "-q", service])).trim();
  }

  async down(): Promise<void> {
    await this.compose(["down", "--volumes", "--timeout=20"], 120_000);
  }

  /** What a thorough look at the engine finds of the cluster. */
  async leftovers(): Promise<string[]> {
    const lists = [
      ["ps", "--all", "--format={{.Names}}"],
      ["volume", "ls", "--format={{.Name}}"],
      ["network", "ls", "--filter=type=custom", "--format={{.Name}}"],
    ];
    const found = await Promise.all(lists.map((argv) => this.#engine.run([docker, ...argv])));
    return found.flatMap((text) => text.split("\n").filter(Boolean));
  }
}

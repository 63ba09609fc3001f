import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import { type NodeConfig, namespaceOf } from "../cluster/cluster-config.ts";
import { killAll, killNode, leftoverPrograms, nodeCgroup, programCgroup } from "../cluster/end-node.ts";
import { importImage } from "../images/import-image.ts";
import { pauseImageArchive } from "../images/pause-image.ts";
import {
  ensureHub,
  ensureNode,
  insideNamespace,
  namespaceExists,
  removeNode,
  setPartitioned,
} from "../network/apply.ts";
import { addToCgroup, ensureCgroup } from "../system/cgroups.ts";
import { signalProcess } from "../system/processes.ts";
import { run } from "../system/run.ts";
import type { NodeAction, NodePower, SupervisorStatus } from "./control.ts";
import { ControlRefusal } from "./control-server.ts";
import { rotateLogs } from "./log-rotation.ts";
import { NodeRoutes, type RoutingTable } from "./node-routes.ts";
import type { ProgramSpec } from "./program.ts";
import { ProgramKeeper } from "./program-keeper.ts";
import { kubeconfigFile, type Plan, programsOf, runtimeProgram } from "./programs.ts";
import { awaitReady } from "./readiness.ts";

export interface SupervisorDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long programs of a killed supervisor get to stop by themselves. */
const leftoverGraceMs = 3_000;

/**
 * Runs a cluster on this machine: creates its nodes, keeps their programs running and the routes between their pods right.
 * Its own death changes nothing for the cluster; the next one replaces the programs it finds and leaves containers alone.
 */
export class Supervisor {
  readonly #plan: Plan;
  readonly #deps: SupervisorDeps;
  readonly #startedAtMs: number;
  readonly #keepers = new Map<string, ProgramKeeper>();
  readonly #power = new Map<string, NodePower>();
  readonly #routes: NodeRoutes;
  readonly #stopping = new AbortController();
  /** Actions on nodes, one after the other: killing a node while it starts would leave half of it. */
  #actions: Promise<void> = Promise.resolve();
  #background: Promise<unknown> = Promise.resolve();

  constructor(plan: Plan, deps: SupervisorDeps) {
    this.#plan = plan;
    this.#deps = deps;
    this.#startedAtMs = deps.clock.now();
    this.#routes = new NodeRoutes({
      kubeconfig: kubeconfigFile(plan.paths, "admin"),
      clock: deps.clock,
      logger: deps.logger,
      tables: () => this.#routingTables(),
    });
    // From the start on the status names every program, so that whoever waits for them knows what to wait for.
    this.#createKeepers(() => true);
  }

  /** Starts everything; resolves when all programs have been started or wait for others, not when they are ready. */
  async start(): Promise<void> {
    const { config, paths } = this.#plan;
    await this.#endLeftovers();
    if (config.runtime === "containerd") writeFileSync(this.#pauseArchive, await pauseImageArchive());
    if (this.#hasNamespaces) await ensureHub(config, paths.run);
    await Promise.all(config.nodes.map((node) => this.#createNode(node)));
    this.#startPrograms(() => true);
    const rotating = rotateLogs(paths.logs, this.#deps.clock, this.#deps.logger, this.#stopping.signal);
    const following = this.#hasNamespaces ? this.#followRoutes() : undefined;
    this.#background = Promise.all([rotating, following]);
  }

  status(): SupervisorStatus {
    return {
      pid: process.pid,
      startedAtMs: this.#startedAtMs,
      programs: [...this.#keepers.values()].map((keeper) => keeper.state),
      nodes: Object.fromEntries(this.#power),
    };
  }

  /** Does `action` once those before it are done; throws a ControlRefusal for what makes no sense. */
  act(nodeName: string, action: NodeAction): Promise<void> {
    const done = this.#actions.then(() => this.#act(nodeName, action));
    this.#actions = done.catch(() => {});
    return done;
  }

  /** Stops the programs in reverse order of their start, then ends what they leave. Data stays. */
  async stop(): Promise<void> {
    const { config, paths } = this.#plan;
    this.#stopping.abort();
    await this.#actions;
    const keepers = [...this.#keepers.values()];
    const isControlPlane = (keeper: ProgramKeeper) => ["etcd", "apiserver"].includes(keeper.spec.name);
    await Promise.all(keepers.filter((keeper) => !isControlPlane(keeper)).map((keeper) => keeper.stop()));
    for (const keeper of keepers.filter(isControlPlane).reverse()) await keeper.stop();
    await this.#background;
    for (const node of config.nodes) await killNode(config, paths, node.name, this.#deps.clock);
  }

  get #pauseArchive(): string {
    return join(this.#plan.paths.run, "pause.tar");
  }

  get #hasNamespaces(): boolean {
    return this.#plan.config.isolation === "namespaces";
  }

  async #act(nodeName: string, action: NodeAction): Promise<void> {
    const { config } = this.#plan;
    const node = config.nodes.find(({ name }) => name === nodeName);
    if (!node)
      throw new ControlRefusal(
        `there is no node "${nodeName}"; the nodes are ${config.nodes.map(({ name }) => name).join(", ")}`,
      );
    if (!this.#hasNamespaces)
      throw new ControlRefusal(
        "the only node of this cluster is the machine itself; nodes can be ended where each is a network namespace",
      );
    const power = this.#power.get(nodeName);
    if (action === "start") return power === "off" ? this.#powerOn(node) : undefined;
    if (power === "off")
      throw new ControlRefusal(`node ${nodeName} is off; start it with: tskube node start ${nodeName}`);
    if (action === "kill" || action === "stop") return this.#powerOff(node, action === "stop");
    await setPartitioned(config, node, action === "partition");
    this.#power.set(nodeName, action === "partition" ? "partitioned" : "on");
  }

  async #powerOff(node: NodeConfig, isGraceful: boolean): Promise<void> {
    const { config, paths } = this.#plan;
    const keepers = [...this.#keepers.values()].filter((keeper) => keeper.spec.node === node.name);
    await Promise.all(keepers.map((keeper) => (isGraceful ? keeper.stop() : keeper.abandon())));
    await killNode(config, paths, node.name, this.#deps.clock);
    await removeNode(config, node.name);
    this.#power.set(node.name, "off");
    this.#deps.logger.info({ node: node.name, isGraceful }, "node is off");
  }

  async #powerOn(node: NodeConfig): Promise<void> {
    await this.#createNode(node);
    this.#createKeepers(({ node: owner }) => owner === node.name);
    this.#startPrograms(({ node: owner }) => owner === node.name);
    this.#routes.forget(node.name);
    this.#routes.refresh();
    this.#deps.logger.info({ node: node.name }, "node is on");
  }

  async #createNode(node: NodeConfig): Promise<void> {
    const { config, paths } = this.#plan;
    for (const folder of [paths.node(node.name).root, paths.run]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (this.#hasNamespaces) {
      ensureCgroup(nodeCgroup(config, node.name));
      ensureCgroup(programCgroup(config, node.name));
      await ensureNode(config, node);
    }
    this.#power.set(node.name, "on");
  }

  #createKeepers(isWanted: (spec: ProgramSpec) => boolean): void {
    const { config, paths } = this.#plan;
    for (const spec of programsOf(this.#plan).filter(isWanted)) {
      const keeper = new ProgramKeeper(spec, {
        clock: this.#deps.clock,
        logger: this.#deps.logger,
        awaitReady: (program, signal) => this.#awaitReady(program, signal),
        place: ({ argv, node }) => (this.#hasNamespaces ? insideNamespace(namespaceOf(config, node), argv) : argv),
        placed: ({ node }, pid) => {
          if (this.#hasNamespaces) addToCgroup(programCgroup(config, node), pid);
        },
        logFile: (program) => join(paths.logs, `${program}.log`),
      });
      this.#keepers.set(spec.name, keeper);
    }
  }

  #startPrograms(isWanted: (spec: ProgramSpec) => boolean): void {
    for (const keeper of this.#keepers.values()) {
      if (!isWanted(keeper.spec)) continue;
      keeper.start(Promise.all(keeper.spec.after.map((name) => this.#keepers.get(name)?.ready)));
    }
  }

  /** A containerd is ready once it has the pause image, without which it can run no pod. */
  async #awaitReady(spec: ProgramSpec, signal: AbortSignal): Promise<void> {
    const { config, paths } = this.#plan;
    await awaitReady(spec.readiness, join(paths.pki, "ca.crt"), this.#deps.clock, signal);
    if (config.runtime === "containerd" && spec.name === runtimeProgram(spec.node)) {
      await importImage({ runtime: "containerd", socket: paths.node(spec.node).runtimeSocket }, this.#pauseArchive);
    }
  }

  /** Programs of a supervisor that was killed are stopped, since nobody would start them again; their containers stay. */
  async #endLeftovers(): Promise<void> {
    const find = () =>
      leftoverPrograms(
        this.#plan.paths,
        programsOf(this.#plan).map(({ argv }) => argv),
      );
    const found = find();
    if (found.size === 0) return;
    this.#deps.logger.info({ pids: [...found] }, "ending the programs of a former supervisor");
    for (const pid of found) signalProcess(pid, "SIGTERM");
    for (let waitedMs = 0; waitedMs < leftoverGraceMs && find().size > 0; waitedMs += 50)
      await sleep(this.#deps.clock, 50);
    await killAll(find, this.#deps.clock, "a former supervisor");
  }

  async #followRoutes(): Promise<void> {
    await this.#keepers.get("apiserver")?.ready;
    if (this.#stopping.signal.aborted) return;
    try {
      await this.#routes.run(this.#stopping.signal);
    } catch (error) {
      if (!this.#stopping.signal.aborted)
        this.#deps.logger.error({ error: errorMessage(error) }, "cannot follow nodes, routes stay as they are");
    }
  }

  #routingTables(): RoutingTable[] {
    const { config } = this.#plan;
    const batch = (argv: readonly string[]) => async (lines: readonly string[]) => {
      await run([...argv, "-batch", "-"], { input: `${lines.join("\n")}\n` });
    };
    const ofNodes = config.nodes
      .filter(({ name }) => this.#power.get(name) !== "off" && namespaceExists(namespaceOf(config, name)))
      .map(({ name }) => ({ node: name, apply: batch(["ip", "-n", namespaceOf(config, name)]) }));
    return [{ node: undefined, apply: batch(["ip"]) }, ...ofNodes];
  }
}

import type { Node } from "@tskube/api";
import { type Clock, errorMessage, type Logger } from "@tskube/base";
import { createClient, createInformers, kinds, loadClientConfig } from "@tskube/client";
import { type NodeRoute, routeChanges, routesFrom } from "../network/plan.ts";

/** A routing table that we write: the machine's, or a node's. */
export interface RoutingTable {
  /** The node whose table it is; undefined for the machine's. */
  readonly node: string | undefined;
  /** Runs `ip -batch` lines there. */
  apply(lines: readonly string[]): Promise<void>;
}

export interface NodeRoutesDeps {
  readonly kubeconfig: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The tables that there are now. */
  tables(): readonly RoutingTable[];
}

/** What a Node says of its share of the pod network, once it has one. */
export function nodeRoute(node: Node): NodeRoute[] {
  const address = node.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
  const podCidr = node.spec.podCIDR;
  return address && podCidr ? [{ name: node.metadata.name, address, podCidr }] : [];
}

const retryMs = 1_000;

/**
 * Keeps the routes between nodes' pods (host-gw): whenever Nodes or tables change, each table gets a route to every other node's pods.
 * `refresh` is for tables that appear or are emptied.
 */
export class NodeRoutes {
  readonly #deps: NodeRoutesDeps;
  /** What each table holds of ours, by node name (empty for the machine). */
  readonly #applied = new Map<string, ReadonlyMap<string, string>>();
  #nodes: readonly NodeRoute[] = [];
  #work: Promise<void> = Promise.resolve();
  #cancelRetry: () => void = () => {};

  constructor(deps: NodeRoutesDeps) {
    this.#deps = deps;
  }

  /** Follows the Nodes until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#deps;
    const client = createClient(loadClientConfig({ path: this.#deps.kubeconfig }), {
      userAgent: "tskube-supervisor",
      logger,
    });
    const informers = createInformers({ client, clock, logger });
    const { nodes } = informers.listers;
    const changed = () => {
      this.#nodes = nodes.list().flatMap(nodeRoute);
      this.refresh();
    };
    informers.for(kinds.Node).on({ add: changed, update: changed, delete: changed });
    await informers.start(signal);
    this.#cancelRetry();
  }

  /** Forgets what a table held: it was created anew. */
  forget(node: string): void {
    this.#applied.delete(node);
  }

  /** Brings every table up to date; calls are worked off one after the other. */
  refresh(): void {
    this.#work = this.#work.then(() => this.#sync());
  }

  async #sync(): Promise<void> {
    for (const table of this.#deps.tables()) {
      const key = table.node ?? "";
      const wanted = routesFrom(table.node, this.#nodes);
      const lines = routeChanges(this.#applied.get(key) ?? new Map(), wanted);
      if (lines.length === 0) continue;
      try {
        await table.apply(lines);
        this.#applied.set(key, wanted);
      } catch (error) {
        // The namespace may be going away, or not be whole yet.
        this.#deps.logger.warn({ node: table.node, error: errorMessage(error) }, "cannot set routes, trying again");
        this.#cancelRetry();
        this.#cancelRetry = this.#deps.clock.after(retryMs, () => this.refresh());
      }
    }
  }
}

import { readFile } from "node:fs/promises";
import { type Clock, errorMessage, type Logger } from "@tskube/base";
import type { PortMapping } from "@tskube/cri";
import { type Crossing, startCrossing } from "./crossing.ts";
import { type Front, frontKey, nodeFronts, podFronts } from "./fronts.ts";
import { type Listener, parseListeners } from "./listeners.ts";

/** A pod whose sockets are looked at. */
export interface MirroredPod {
  readonly ip: string;
  readonly pid: number;
  readonly portMappings: readonly PortMapping[];
}

export interface MirrorDeps {
  /** Words before a command that take it into the pods' network. */
  readonly prefix: readonly string[];
  readonly nodeAddress: string;
  /** Fronts that are there always. */
  readonly fixed: readonly Front[];
  readonly clock: Clock;
  readonly log: Logger;
}

/** The kernel tells nobody that a socket begins to listen, so one has to look. */
const lookMs = 100;

/** Shows the listening sockets of pods to the node, and the node's to the pods. */
export class Mirror {
  readonly #deps: MirrorDeps;
  readonly #pods = new Map<string, MirroredPod>();
  readonly #open = new Map<string, Front>();
  readonly #refused = new Set<string>();
  #crossing: Crossing | undefined;
  #isClosed = false;
  #cancel = () => {};

  constructor(deps: MirrorDeps) {
    this.#deps = deps;
  }

  add(id: string, pod: MirroredPod): void {
    this.#pods.set(id, pod);
  }

  remove(id: string): void {
    this.#pods.delete(id);
  }

  start(): void {
    void this.#look()
      .catch((error: unknown) => this.#deps.log.warn({ err: error }, "cannot look for the sockets of pods"))
      .then(() => {
        if (!this.#isClosed) this.#cancel = this.#deps.clock.after(lookMs, () => this.start());
      });
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#crossing?.end();
  }

  async #look(): Promise<void> {
    if (this.#pods.size === 0 && this.#open.size === 0) return;
    const crossing = await this.#ensureCrossing();
    const wanted = new Map((await this.#wanted()).map((front) => [frontKey(front), front]));
    for (const [key, front] of this.#open) {
      if (wanted.has(key)) continue;
      crossing.close(front);
      this.#open.delete(key);
    }
    for (const key of this.#refused) if (!wanted.has(key)) this.#refused.delete(key);
    for (const [key, front] of wanted) if (!this.#open.has(key)) await this.#openFront(crossing, key, front);
  }

  async #ensureCrossing(): Promise<Crossing> {
    this.#crossing ??= await startCrossing(this.#deps.prefix, () => {
      this.#crossing = undefined;
      this.#open.clear();
    });
    return this.#crossing;
  }

  async #wanted(): Promise<Front[]> {
    const { nodeAddress, fixed } = this.#deps;
    const pods = [...this.#pods.values()].map(async ({ ip, pid, portMappings }) =>
      podFronts({ ip, listeners: await listenersOf(String(pid)), portMappings }),
    );
    const ofPods = (await Promise.all(pods)).flat();
    const own = new Set(ofPods.map(({ address, port }) => `${address}:${port}`));
    // Sockets that are ours already, for host ports, need no way back.
    const ofNode = (await listenersOf("self")).filter(({ address, port }) => !own.has(`${address}:${port}`));
    return [...ofPods, ...nodeFronts(ofNode, nodeAddress), ...fixed];
  }

  /** A port that is taken on the other side, or below 1024 on the node: said once, and tried again each time. */
  async #openFront(crossing: Crossing, key: string, front: Front): Promise<void> {
    try {
      await crossing.open(front);
      this.#open.set(key, front);
      this.#refused.delete(key);
    } catch (error) {
      if (this.#refused.has(key)) return;
      this.#refused.add(key);
      const { side, address, port } = front;
      this.#deps.log.warn({ address, port, error: errorMessage(error) }, `cannot listen on the side of the ${side}`);
    }
  }
}

async function listenersOf(pid: string): Promise<Listener[]> {
  const texts = await Promise.all(
    ["tcp", "tcp6"].map((name) => readFile(`/proc/${pid}/net/${name}`, "utf8").catch(() => "")),
  );
  return texts.flatMap(parseListeners);
}

import { type BenchClient, must } from "../client/index.ts";
import { json, pod, podPath, podsPath, statusPatch } from "../objects.ts";

export interface ChurnOptions {
  /** Pods that are there at any time. */
  readonly pods: number;
  /** Pods a second that come, get a status and go. */
  readonly perSecond: number;
}

const jsonBody = { "content-type": "application/json" };
const mergeBody = { "content-type": "application/merge-patch+json" };
const listEvery = 50;

/** Pods that come and go: each turn creates one, gives it a status and deletes the oldest. Lists in between, as informers that start do. */
export class Churn {
  readonly #client: BenchClient;
  readonly #options: ChurnOptions;
  #turn = 0;

  constructor(client: BenchClient, options: ChurnOptions) {
    this.#client = client;
    this.#options = options;
  }

  get turns(): number {
    return this.#turn;
  }

  /** Fills up, then turns at the rate until `untilMs` (of `performance.now`). Turns that fall behind are made up for. */
  async run(untilMs: number): Promise<void> {
    const startedMs = performance.now();
    const firstTurn = this.#turn;
    while (performance.now() < untilMs) {
      const due = firstTurn + ((performance.now() - startedMs) / 1000) * this.#options.perSecond;
      if (this.#turn < due) await this.#next();
      else await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async fill(): Promise<void> {
    while (this.#turn < this.#options.pods) await this.#create(this.#turn++);
  }

  async #next(): Promise<void> {
    const i = this.#turn++;
    await this.#create(i);
    const body = json(statusPatch(i));
    await must(this.#client, { method: "PATCH", path: `${podPath(i)}/status`, headers: mergeBody, body });
    await must(this.#client, { method: "DELETE", path: podPath(i - this.#options.pods) });
    if (i % listEvery === 0) await must(this.#client, { method: "GET", path: podsPath });
  }

  async #create(i: number): Promise<void> {
    await must(this.#client, { method: "POST", path: podsPath, headers: jsonBody, body: json(pod(i)) });
  }
}

import { type Status, unresolvable } from "./status.ts";

/** Why each node was turned down; nodes that were not looked at share one status. */
export class NodeStatuses {
  absent: Status;
  readonly #statuses = new Map<string, Status>();

  constructor(absent: Status = unresolvable()) {
    this.absent = absent;
  }

  get size(): number {
    return this.#statuses.size;
  }

  get(nodeName: string): Status {
    return this.#statuses.get(nodeName) ?? this.absent;
  }

  set(nodeName: string, status: Status): void {
    this.#statuses.set(nodeName, status);
  }

  /** Those that were looked at. */
  explicit(): IterableIterator<[string, Status]> {
    return this.#statuses.entries();
  }
}

import type { Store } from "@tskube/store";

const prefix = "/registry/masterleases/";
/** A server that has not said for so long that it lives is taken to be gone. */
const ttlSeconds = 15;

/** The servers of this cluster, each known by a key that vanishes when it stops renewing it. */
export class Peers {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async announce(address: string): Promise<void> {
    const value = Buffer.from(JSON.stringify({ address }));
    await this.#store.txn({ conditions: [], writes: [{ type: "put", key: prefix + address, value, ttlSeconds }] });
  }

  async withdraw(address: string): Promise<void> {
    await this.#store.txn({ conditions: [], writes: [{ type: "delete", key: prefix + address }] });
  }

  /** The addresses of all that live, in order. */
  async list(): Promise<string[]> {
    const { items } = await this.#store.range({ prefix, keysOnly: true });
    return items.map(({ key }) => key.slice(prefix.length));
  }
}

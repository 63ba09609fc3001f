import { readdir, readFile, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemErrorCode } from "@tskube/base";
import { CriError } from "@tskube/cri";
import { addressIn, type Cidr, cidrSize } from "./cidr.ts";

/** The network address, the gateway, and the broadcast address are nobody's. */
const firstOffset = 2;
const reservedAtEnd = 1;

/**
 * Addresses of one network, handed to sandboxes. A file per address, bearing the owner's id, is the truth: it is created exclusively, so that neither a crash nor a
 * second runtime gives an address twice. Addresses are taken in turn, so that a freed one rests as long as possible.
 */
export class Ipam {
  readonly #dir: string;
  #next = firstOffset;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** An address for `owner`; the one it has, if it has one. */
  async allocate(cidr: Cidr, owner: string): Promise<string> {
    const taken = await this.#owners();
    for (const [ip, id] of taken) if (id === owner) return ip;
    const usable = cidrSize(cidr) - firstOffset - reservedAtEnd;
    for (let tried = 0; tried < usable; tried++) {
      const ip = addressIn(cidr, this.#next);
      this.#next = firstOffset + ((this.#next - firstOffset + 1) % usable);
      if (!taken.has(ip) && (await this.#take(ip, owner))) return ip;
    }
    throw new CriError("RESOURCE_EXHAUSTED", `no free address left among the ${usable} of the node's pod network`);
  }

  /** Gives back what `owner` has; nothing is fine too. */
  async release(owner: string): Promise<void> {
    for (const [ip, id] of await this.#owners()) if (id === owner) await unlink(join(this.#dir, ip)).catch(() => {});
  }

  /** Gives back what belongs to owners that no longer exist. */
  async keepOnly(owners: ReadonlySet<string>): Promise<void> {
    for (const [ip, id] of await this.#owners()) if (!owners.has(id)) await unlink(join(this.#dir, ip)).catch(() => {});
  }

  async #take(ip: string, owner: string): Promise<boolean> {
    try {
      await writeFile(join(this.#dir, ip), owner, { flag: "wx", mode: 0o600 });
      return true;
    } catch (error) {
      if (systemErrorCode(error) === "EEXIST") return false;
      throw error;
    }
  }

  async #owners(): Promise<Map<string, string>> {
    const ips = await readdir(this.#dir);
    const pairs = ips.map(async (ip) => [ip, await readFile(join(this.#dir, ip), "utf8").catch(() => "")] as const);
    return new Map(await Promise.all(pairs));
  }
}

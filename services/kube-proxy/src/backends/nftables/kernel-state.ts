import { type Base, tableName } from "./render.ts";
import type { Ruleset } from "./ruleset.ts";

interface Named {
  readonly name: string;
  readonly table: string;
}

interface Listing {
  readonly nftables: readonly { readonly chain?: Named; readonly set?: Named }[];
}

/**
 * What an earlier process left in the table, from `nft --json --terse list chains` and `list sets`: its chains and sets without those of the
 * base. Rules count as unknown, so that they are written again; elements are not read, for writing the base flushes its maps.
 */
export function leftRuleset(listings: readonly string[], base: Base): Ruleset {
  const objects = listings.flatMap((text) => (JSON.parse(text) as Listing).nftables);
  const chains = objects.flatMap(({ chain }) =>
    chain?.table === tableName && !base.chains.has(chain.name) ? [chain.name] : [],
  );
  const sets = objects.flatMap(({ set }) => (set?.table === tableName ? [set.name] : []));
  return {
    chains: new Map(chains.map((name) => [name, undefined])),
    elements: new Map(),
    sets: new Map(sets.map((name) => [name, ""])),
  };
}

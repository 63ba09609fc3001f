/** One iptables table's chains of ours: chain → rules in `iptables-save` form without the chain. */
export type Chains = ReadonlyMap<string, readonly string[]>;

/** What we keep in the two tables that are used. */
export interface IptablesRules {
  readonly filter: Chains;
  readonly nat: Chains;
}

export const noRules: IptablesRules = { filter: new Map(), nat: new Map() };

/**
 * The `iptables-restore --noflush` input that turns `old` into `wanted`; empty if they are equal. A chain that is named at the head of a
 * table is emptied, and created if need be; all of a table happens at once.
 */
export function restoreInput(old: IptablesRules, wanted: IptablesRules): string {
  return (["filter", "nat"] as const).map((table) => tableInput(table, old[table], wanted[table])).join("");
}

function tableInput(table: string, old: Chains, wanted: Chains): string {
  const changed = [...wanted].filter(([chain, rules]) => !sameRules(old.get(chain), rules));
  const gone = [...old.keys()].filter((chain) => !wanted.has(chain));
  if (changed.length === 0 && gone.length === 0) return "";
  return [
    `*${table}`,
    ...changed.map(([chain]) => `:${chain} - [0:0]`),
    ...gone.map((chain) => `:${chain} - [0:0]`),
    ...changed.flatMap(([chain, rules]) => rules.map((rule) => `-A ${chain} ${rule}`)),
    ...gone.map((chain) => `-X ${chain}`),
    "COMMIT",
    "",
  ].join("\n");
}

function sameRules(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((rule, index) => rule === b[index]);
}

/** The chains that `iptables-save` lists and that only we make. */
export function ownChains(saved: string): string[] {
  return [
    ...saved.matchAll(
      /^:(KUBE-(?:SVC|SVL|SEP|EXT|FW)-\S+|KUBE-(?:SERVICES|NODEPORTS|EXTERNAL-SERVICES|FORWARD|PROXY-FIREWALL|POSTROUTING|MARK-MASQ)) /gm,
    ),
  ].map((match) => match[1] ?? "");
}

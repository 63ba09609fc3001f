/** An nftables table as data: what two of them differ in is what has to be told to the kernel. */
export interface Ruleset {
  /** Chain → its rules, in order; undefined where the kernel has a chain whose rules are not known. */
  readonly chains: ReadonlyMap<string, readonly string[] | undefined>;
  /** Map or set → element key → value; sets have empty values. The maps themselves belong to the base of the table. */
  readonly elements: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Sets of their own that chains use, with their definition: those of session affinity. */
  readonly sets: ReadonlyMap<string, string>;
}

export const emptyRuleset: Ruleset = { chains: new Map(), elements: new Map(), sets: new Map() };

/**
 * The `nft -f` lines that turn `old` into `wanted`, all in one transaction. Order matters: what is referred to exists before, and is
 * removed after, what refers to it.
 */
export function transition(table: string, old: Ruleset, wanted: Ruleset): string[] {
  const newSets = [...wanted.sets].filter(([name]) => !old.sets.has(name));
  const goneSets = [...old.sets.keys()].filter((name) => !wanted.sets.has(name));
  const newChains = [...wanted.chains.keys()].filter((name) => !old.chains.has(name));
  const goneChains = [...old.chains.keys()].filter((name) => !wanted.chains.has(name));
  const changedChains = [...wanted.chains].filter(([name, rules = []]) => !sameRules(old.chains.get(name), rules));
  return [
    ...newSets.map(([name, definition]) => `add set ${table} ${name} ${definition}`),
    ...newChains.map((name) => `add chain ${table} ${name}`),
    ...changedChains.flatMap(([name, rules = []]) => [
      ...(old.chains.has(name) ? [`flush chain ${table} ${name}`] : []),
      ...rules.map((rule) => `add rule ${table} ${name} ${rule}`),
    ]),
    ...elementChanges(table, old, wanted),
    ...goneChains.map((name) => `flush chain ${table} ${name}`),
    ...goneChains.map((name) => `delete chain ${table} ${name}`),
    ...goneSets.map((name) => `delete set ${table} ${name}`),
  ];
}

function sameRules(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((rule, index) => rule === b[index]);
}

/** An element's value cannot be changed: it is removed and added again within the transaction. */
function elementChanges(table: string, old: Ruleset, wanted: Ruleset): string[] {
  const lines: string[] = [];
  for (const name of new Set([...old.elements.keys(), ...wanted.elements.keys()])) {
    const before = old.elements.get(name) ?? new Map<string, string>();
    const after = wanted.elements.get(name) ?? new Map<string, string>();
    const gone = [...before].filter(([key, value]) => after.get(key) !== value);
    const added = [...after].filter(([key, value]) => before.get(key) !== value);
    if (gone.length > 0) lines.push(`delete element ${table} ${name} { ${gone.map(([key]) => key).join(", ")} }`);
    if (added.length > 0)
      lines.push(
        `add element ${table} ${name} { ${added.map(([key, value]) => (value ? `${key} : ${value}` : key)).join(", ")} }`,
      );
  }
  return lines;
}

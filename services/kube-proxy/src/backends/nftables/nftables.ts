import type { AddressFamily } from "../../model/service-port.ts";
import type { Backend, BackendOptions } from "../backend.ts";
import type { RunTool } from "../run-tool.ts";
import { leftRuleset } from "./kernel-state.ts";
import { baseLines, familyWords, nftablesBase, renderNftables } from "./render.ts";
import { emptyRuleset, type Ruleset, transition } from "./ruleset.ts";

export interface NftablesDeps {
  readonly run: RunTool;
}

/** Services as one nftables table per family. Each sync is one transaction that holds only what changed. */
export function createNftablesBackend(family: AddressFamily, options: BackendOptions, { run }: NftablesDeps): Backend {
  const words = familyWords(family);
  const { table } = words;
  const base = nftablesBase(family, options);
  /** What the kernel holds; undefined when that is not known. */
  let applied: Ruleset | undefined;

  const apply = (lines: readonly string[], signal: AbortSignal) =>
    run(["nft", "-f", "-"], `${lines.join("\n")}\n`, signal);

  /** Writes everything over what the table may hold, of an earlier process or of a sync whose outcome is not known. */
  async function applyWhole(wanted: Ruleset, signal: AbortSignal): Promise<void> {
    const list = (what: string) => run(["nft", "--json", "--terse", "list", what, words.family], "", signal);
    const left = leftRuleset([await list("chains"), await list("sets")], base);
    const lines = [...baseLines(table, base), ...transition(table, left, wanted)];
    try {
      await apply(lines, signal);
    } catch (error) {
      if (signal.aborted || left.chains.size === 0) throw error;
      // A table of another version, whose maps or hooks are of other types: it makes way, in the same transaction.
      const anew = [...baseLines(table, base), ...transition(table, emptyRuleset, wanted)];
      await apply([`add table ${table}`, `delete table ${table}`, ...anew], signal);
    }
  }

  return {
    name: "nftables",
    async sync(ports, signal) {
      const wanted = renderNftables(ports, family, options);
      const before = applied;
      applied = undefined; // until the transaction has gone through, nothing is certain
      if (before) {
        const lines = transition(table, before, wanted);
        if (lines.length > 0) await apply(lines, signal);
      } else {
        await applyWhole(wanted, signal);
      }
      applied = wanted;
    },
    async close() {},
    async cleanUp() {
      applied = undefined;
      await apply([`add table ${table}`, `delete table ${table}`], AbortSignal.timeout(10_000));
    },
  };
}

/** Whether nftables can be used here; asking changes nothing. */
export async function canUseNftables(run: RunTool, signal: AbortSignal): Promise<boolean> {
  try {
    // A dry run of what is needed most: named maps of verdicts and the fib expression.
    const probe =
      "add table ip kube-proxy-probe\nadd map ip kube-proxy-probe m { type inet_proto . inet_service : verdict ; }\n";
    await run(["nft", "--check", "-f", "-"], probe, signal);
    return true;
  } catch {
    return false;
  }
}

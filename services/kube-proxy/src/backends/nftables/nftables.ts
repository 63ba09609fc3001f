import type { AddressFamily } from "../../model/service-port.ts";
import type { Backend, BackendOptions } from "../backend.ts";
import type { RunTool } from "../run-tool.ts";
import { baseLines, familyWords, renderNftables } from "./render.ts";
import { emptyRuleset, type Ruleset, transition } from "./ruleset.ts";

export interface NftablesDeps {
  readonly run: RunTool;
}

/** Services as one nftables table per family. Each sync is one transaction that holds only what changed. */
export function createNftablesBackend(family: AddressFamily, options: BackendOptions, { run }: NftablesDeps): Backend {
  const { table } = familyWords(family);
  /** What the kernel holds; undefined when that is not known. */
  let applied: Ruleset | undefined;

  return {
    name: "nftables",
    async sync(ports, signal) {
      const wanted = renderNftables(ports, family, options);
      const lines = applied
        ? transition(table, applied, wanted)
        : [...baseLines(family, options), ...transition(table, emptyRuleset, wanted)];
      if (lines.length === 0) return;
      applied = undefined; // until the transaction has gone through, nothing is certain
      await run(["nft", "-f", "-"], `${lines.join("\n")}\n`, signal);
      applied = wanted;
    },
    async close() {},
    async cleanUp() {
      applied = undefined;
      await run(["nft", "-f", "-"], `add table ${table}\ndelete table ${table}\n`, AbortSignal.timeout(10_000));
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

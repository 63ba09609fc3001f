import type { AddressFamily } from "../../model/service-port.ts";
import type { Backend, BackendOptions } from "../backend.ts";
import type { RunTool } from "../run-tool.ts";
import { type IptablesRules, noRules, ownChains, restoreInput } from "./chains.ts";
import { jumps, renderIptables } from "./render.ts";

export interface IptablesDeps {
  readonly run: RunTool;
}

interface Tools {
  readonly iptables: string;
  readonly save: string;
  readonly restore: string;
}

function toolsFor(family: AddressFamily): Tools {
  const prefix = family === "IPv4" ? "iptables" : "ip6tables";
  return { iptables: prefix, save: `${prefix}-save`, restore: `${prefix}-restore` };
}

/** Services as iptables chains. A sync restores only the chains that changed. */
export function createIptablesBackend(family: AddressFamily, options: BackendOptions, { run }: IptablesDeps): Backend {
  const tools = toolsFor(family);
  /** What the kernel holds; undefined when that is not known. */
  let applied: IptablesRules | undefined;

  /** Chains of an earlier process or a failed sync: known by name, so that they are emptied or removed. */
  async function findApplied(signal: AbortSignal): Promise<IptablesRules> {
    const chains = async (table: string) => {
      const saved = await run([tools.save, "-t", table], "", signal);
      // A rule that is never rendered makes each of them differ from what is wanted.
      return new Map(ownChains(saved).map((chain): [string, string[]] => [chain, ["(unknown)"]]));
    };
    return { filter: await chains("filter"), nat: await chains("nat") };
  }

  async function ensureJumps(signal: AbortSignal): Promise<void> {
    for (const [table, chain, rule] of jumps) {
      try {
        await run([tools.iptables, "-w", "5", "-t", table, "-C", chain, ...rule], "", signal);
      } catch {
        await run([tools.iptables, "-w", "5", "-t", table, "-I", chain, ...rule], "", signal);
      }
    }
  }

  async function restore(input: string, signal: AbortSignal): Promise<void> {
    await run([tools.restore, "-w", "5", "--noflush", "--counters"], input, signal);
  }

  return {
    name: "iptables",
    async sync(ports, signal) {
      const wanted = renderIptables(ports, family, options);
      const isFirst = applied === undefined;
      const old = applied ?? (await findApplied(signal));
      const input = restoreInput(old, wanted);
      if (input === "") return;
      applied = undefined; // until the restore has gone through, nothing is certain
      await restore(input, signal);
      if (isFirst) await ensureJumps(signal);
      applied = wanted;
    },
    async close() {},
    async cleanUp() {
      const signal = AbortSignal.timeout(30_000);
      for (const [table, chain, rule] of jumps) {
        await run([tools.iptables, "-w", "5", "-t", table, "-D", chain, ...rule], "", signal).catch(() => {}); // not there
      }
      const input = restoreInput(await findApplied(signal), noRules);
      if (input !== "") await restore(input, signal);
      applied = undefined;
    },
  };
}

/** Whether iptables can be used here; asking changes nothing. */
export async function canUseIptables(run: RunTool, signal: AbortSignal): Promise<boolean> {
  try {
    await run(["iptables-save", "-t", "nat"], "", signal);
    await run(["iptables-restore", "--version"], "", signal);
    // Saving as an ordinary user prints nothing and succeeds: only listing tells whether we may.
    await run(["iptables", "-w", "5", "-t", "nat", "-S", "PREROUTING"], "", signal);
    return true;
  } catch {
    return false;
  }
}

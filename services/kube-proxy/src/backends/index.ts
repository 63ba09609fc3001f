import type { Clock, Logger } from "@tskube/base";
import type { AddressFamily } from "../model/service-port.ts";
import type { Backend, BackendOptions } from "./backend.ts";
import { canUseIptables, createIptablesBackend } from "./iptables/iptables.ts";
import { canUseNftables, createNftablesBackend } from "./nftables/nftables.ts";
import type { RunTool } from "./run-tool.ts";
import { createUserspaceBackend } from "./userspace/userspace.ts";

export interface BackendDeps {
  readonly run: RunTool;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface BackendDefinition {
  readonly name: string;
  create(family: AddressFamily, options: BackendOptions, deps: BackendDeps): Backend;
  /** Whether this machine and this process's privileges allow it. */
  isUsable(deps: BackendDeps, signal: AbortSignal): Promise<boolean>;
}

/** Every backend, the best first: the first usable one is taken when no mode is asked for. */
export const backends: readonly BackendDefinition[] = [
  { name: "nftables", create: createNftablesBackend, isUsable: ({ run }, signal) => canUseNftables(run, signal) },
  { name: "iptables", create: createIptablesBackend, isUsable: ({ run }, signal) => canUseIptables(run, signal) },
  { name: "userspace", create: (_family, _options, deps) => createUserspaceBackend(deps), isUsable: async () => true },
];

export const backendNames = ["nftables", "iptables", "userspace"] as const;
export type BackendName = (typeof backendNames)[number];

/** The backend of that name, or the best that can be used here. Throws one sentence for a name that cannot. */
export async function chooseBackend(
  name: BackendName | "",
  deps: BackendDeps,
  signal: AbortSignal,
): Promise<BackendDefinition> {
  for (const backend of backends) {
    if (name !== "" && backend.name !== name) continue;
    if (await backend.isUsable(deps, signal)) return backend;
    if (name !== "")
      throw new Error(
        `proxy mode ${name} cannot be used here: its tools are missing or this process may not change the packet filter`,
      );
  }
  throw new Error(`there is no proxy mode "${name}"`);
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClientTools, fetchClientTools, type KubernetesMinor } from "../../cli/src/kubectl/find-kubectl.ts";
import { toolCache } from "./cluster.ts";
import { command, type Result } from "./command.ts";

/** kubectl and Helm of one version against one server, with files of their own. */
export interface ServerTools {
  kubectl(args: readonly string[], input?: string): Promise<Result>;
  helm(args: readonly string[]): Promise<Result>;
  close(): void;
}

export async function clientTools(minor: KubernetesMinor, kubeconfig: string): Promise<ServerTools> {
  const tools: ClientTools = await fetchClientTools(minor, toolCache, (line) => console.log(`    ${line}`));
  const home = mkdtempSync(join(tmpdir(), "tskube-tools-"));
  const env = { KUBECONFIG: kubeconfig, HOME: home, XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home };
  return {
    kubectl: (args, input) => command([tools.kubectl, ...args], { env, ...(input !== undefined && { input }) }),
    helm: (args) => command([tools.helm, ...args], { env }),
    close: () => rmSync(home, { recursive: true, force: true }),
  };
}

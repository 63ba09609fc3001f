import { errorMessage } from "@tskube/base";
import type { RuntimeService, VersionResponse } from "@tskube/cri";

/** What the runtime says about itself. */
export interface RuntimeState {
  readonly problems: readonly string[];
  readonly handlers: readonly {
    readonly name: string;
    readonly recursiveReadOnlyMounts: boolean;
    readonly userNamespaces: boolean;
  }[];
}

/** Asks the runtime whether it can run containers and connect them. Never throws: not to answer is an answer. */
export async function readRuntimeState(runtime: RuntimeService): Promise<RuntimeState> {
  try {
    const { status, runtimeHandlers } = await runtime.status();
    const conditions = status?.conditions ?? [];
    const find = (wanted: string) => conditions.find(({ type }) => type === wanted);
    const [runtimeReady, networkReady] = [find("RuntimeReady"), find("NetworkReady")];
    const problems: string[] = [];
    if (!runtimeReady?.status) problems.push(`container runtime not ready: ${describe("RuntimeReady", runtimeReady)}`);
    if (!networkReady?.status)
      problems.push(`container runtime network not ready: ${describe("NetworkReady", networkReady)}`);
    return {
      problems,
      handlers: runtimeHandlers.map(({ name, features }) => ({
        name,
        recursiveReadOnlyMounts: features?.recursiveReadOnlyMounts ?? false,
        userNamespaces: features?.userNamespaces ?? false,
      })),
    };
  } catch (error) {
    return { problems: [`container runtime is down: ${errorMessage(error)}`], handlers: [] };
  }
}

function describe(type: string, condition: { readonly reason: string; readonly message: string } | undefined): string {
  return `${type}=false reason:${condition?.reason ?? ""} message:${condition?.message ?? ""}`;
}

/** `containerd://1.6.20`, as nodes report it. */
export function runtimeVersionText({ runtimeName, runtimeVersion }: VersionResponse): string {
  return `${runtimeName}://${runtimeVersion}`;
}

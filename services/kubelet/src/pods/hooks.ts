import type { Container, LifecycleHandler, Pod } from "@tskube/api";
import { type Clock, errorMessage, sleep } from "@tskube/base";
import type { RuntimeService } from "@tskube/cri";
import { httpGet, httpTarget } from "../probes/http-request.ts";
import { resolvePort } from "../probes/port.ts";
import { rpcErrorText } from "../runtime/rpc-error.ts";
import { formatPod, identityOf } from "./identity.ts";

export interface HookDeps {
  readonly runtime: Pick<RuntimeService, "execSync">;
  readonly clock: Clock;
  readonly userAgent: string;
  /** The address of a running pod. */
  readonly podIp: (pod: Pod) => string | undefined;
}

export type HookRunner = (
  pod: Pod,
  container: Container,
  containerId: string,
  handler: LifecycleHandler,
  signal?: AbortSignal,
) => Promise<void>;

/** HTTP hooks may take long, as postStart has no limit of its own; this only ends what hangs for ever. */
const httpHookMs = 30 * 60_000;

/** Runs postStart and preStop handlers. A hook that fails throws what users read in its event. */
export function createHookRunner(deps: HookDeps): HookRunner {
  return async (pod, container, containerId, handler, signal) => {
    if (handler.exec) return runExec(deps, pod, container, containerId, handler.exec.command ?? [], signal);
    if (handler.httpGet) return runHttp(deps, pod, container, handler.httpGet);
    if (handler.sleep) return sleep(deps.clock, handler.sleep.seconds * 1000, signal);
    throw new Error(`invalid handler: ${JSON.stringify(handler)}`);
  };
}

async function runExec(
  { runtime }: HookDeps,
  pod: Pod,
  container: Container,
  id: string,
  command: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const fail = (error: string, output: string) =>
    new Error(
      `Exec lifecycle hook ([${command.join(" ")}]) for Container ${JSON.stringify(container.name)} in Pod ${JSON.stringify(formatPod(identityOf(pod)))} failed - error: ${error}, message: ${JSON.stringify(output)}`,
    );
  const result = await runtime.execSync(id, command, 0, { timeoutMs: 0, ...(signal && { signal }) }).catch((error) => {
    throw fail(rpcErrorText(error), "");
  });
  if (result.exitCode === 0) return;
  const output = Buffer.concat([result.stdout, result.stderr]).toString("utf8");
  throw fail(
    `command '${command.join(" ")}' exited with ${result.exitCode}: ${result.stderr.toString("utf8")}`,
    output,
  );
}

async function runHttp(
  { podIp, userAgent }: HookDeps,
  pod: Pod,
  container: Container,
  action: NonNullable<LifecycleHandler["httpGet"]>,
): Promise<void> {
  try {
    const ip = podIp(pod);
    if (!action.host && !ip) throw new Error("failed to find networking container");
    const port = resolvePort(action.port, container);
    await httpGet(httpTarget(action, port, ip ?? "", userAgent.replace("kube-probe", "kube-lifecycle")), httpHookMs);
  } catch (error) {
    throw new Error(
      `HTTP lifecycle hook (${action.path ?? "/"}) for Container ${JSON.stringify(container.name)} in Pod ${JSON.stringify(formatPod(identityOf(pod)))} failed - error: ${errorMessage(error)}`,
    );
  }
}

import { mkdir, readFile, writeFile } from "node:fs/promises";
import type { Pod } from "@tskube/api";
import { formatDuration } from "@tskube/apimachinery";
import type { Clock, Logger } from "@tskube/base";
import type { PodSandboxConfig, RuntimeService } from "@tskube/cri";
import type { PodAddresses } from "../env/field.ts";
import type { DnsInputs } from "../network/dns.ts";
import { podDns } from "../network/dns.ts";
import { hostnameOf, sandboxHostname } from "../network/hostname.ts";
import { hostNetworkHostsFile, podHostsFile } from "../network/hosts-file.ts";
import type { Paths } from "../node/paths.ts";
import { type CgroupOptions, podCgroupParent } from "../runtime/cgroup-parent.ts";
import { latestContainer, type RuntimePod, readySandbox } from "../runtime/model.ts";
import { rpcErrorText } from "../runtime/rpc-error.ts";
import { sandboxConfig } from "../runtime/sandbox-config.ts";
import type { RuntimeView } from "../runtime/view.ts";
import type { StartFailure } from "../status/container-status.ts";
import type { MountedVolume } from "../volumes/volume-manager.ts";
import type { BackOff } from "./back-off.ts";
import type { ContainerStarter } from "./container-starter.ts";
import { asContainer, type PodContainer } from "./containers.ts";
import type { PodEvents } from "./events.ts";
import { formatPod, identityOf, uidOf } from "./identity.ts";
import type { ContainerKill, ProbeFindings } from "./kill-reason.ts";
import type { Killer } from "./killer.ts";
import { type PodPlan, planPod } from "./plan.ts";

export interface PodRunnerDeps {
  readonly runtime: RuntimeService;
  readonly view: RuntimeView;
  readonly starter: ContainerStarter;
  readonly killer: Killer;
  readonly probes: ProbeFindings & { containerStarted(pod: Pod): void };
  readonly events: PodEvents;
  readonly backOff: BackOff;
  readonly paths: Paths;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly dns: () => DnsInputs;
  readonly hostIps: () => readonly string[];
  /** Undefined leaves cgroups to the runtime. */
  readonly cgroup: () => CgroupOptions | undefined;
  /** The runtime handler of the pod's RuntimeClass; empty for the default. */
  readonly runtimeHandler: (pod: Pod) => Promise<string>;
}

export interface RunResult {
  /** Why containers wait, by container name. */
  readonly failures: ReadonlyMap<string, StartFailure>;
  /** When to look again although nothing may have happened. */
  readonly retryMs?: number;
}

/** After a failed start that has no delay of its own. */
const failedStartRetryMs = 10_000;

/** Carries out what `planPod` decides. */
export class PodRunner {
  readonly #deps: PodRunnerDeps;

  constructor(deps: PodRunnerDeps) {
    this.#deps = deps;
  }

  plan(pod: Pod, runtimePod: RuntimePod): PodPlan {
    return planPod(pod, runtimePod, this.#deps.probes);
  }

  async run(
    pod: Pod,
    plan: PodPlan,
    before: RuntimePod,
    volumes: ReadonlyMap<string, MountedVolume>,
    signal: AbortSignal,
  ): Promise<RunResult> {
    let runtimePod = before;
    if (plan.killPod) {
      await this.#killForPlan(pod, plan, runtimePod);
      runtimePod = await this.#deps.view.refresh(uidOf(pod));
    }
    if (plan.kill.length > 0) {
      await Promise.all(plan.kill.map((kill) => this.#kill(pod, kill, runtimePod, signal)));
      runtimePod = await this.#deps.view.refresh(uidOf(pod)); // back-off counts from the ends of those just stopped too
    }
    const round = new Round();
    const isStarting = plan.sandbox || plan.start.length + plan.startInit.length + plan.startEphemeral.length > 0;
    if (!isStarting) return round.result();

    const handler = await this.#deps.runtimeHandler(pod);
    const config = this.#sandboxConfig(pod, plan.sandbox?.attempt ?? runtimePod.sandboxes[0]?.attempt ?? 0);
    let { sandboxId } = plan;
    if (plan.sandbox) {
      const created = await this.#createSandbox(pod, config, handler);
      if (typeof created !== "string") return { failures: new Map(), retryMs: created.retryMs };
      sandboxId = created;
      runtimePod = await this.#deps.view.refresh(uidOf(pod));
    }
    if (sandboxId === undefined) return round.result();
    await this.#startAll({ pod, plan, runtimePod, sandboxId, config, volumes, signal, round });
    return round.result();
  }

  async #killForPlan(pod: Pod, plan: PodPlan, runtimePod: RuntimePod): Promise<void> {
    if (plan.sandbox)
      this.#deps.events.pod(pod, "Normal", "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
    await this.#deps.killer.killPod(pod, runtimePod);
  }

  async #kill(
    pod: Pod,
    { container, id, message, cause }: ContainerKill,
    runtimePod: RuntimePod,
    signal: AbortSignal,
  ): Promise<void> {
    if (!runtimePod.containers.some((known) => known.id === id)) return;
    const probe =
      cause === "liveness" ? container.livenessProbe : cause === "startup" ? container.startupProbe : undefined;
    const graceSeconds = probe?.terminationGracePeriodSeconds;
    await this.#deps.killer.killContainer(pod, container, id, {
      message,
      signal,
      ...(graceSeconds !== undefined && { graceSeconds }),
    });
  }

  #sandboxConfig(pod: Pod, attempt: number): PodSandboxConfig {
    const { dns, paths, cgroup } = this.#deps;
    const inputs = dns();
    const options = cgroup();
    return sandboxConfig({
      pod,
      attempt,
      hostname: sandboxHostname(pod, inputs.clusterDomain),
      dns: podDns(pod, inputs),
      logDirectory: paths.podLogsDir(identityOf(pod)),
      cgroupParent: options ? podCgroupParent(pod, options) : "",
    });
  }

  async #createSandbox(pod: Pod, config: PodSandboxConfig, handler: string): Promise<string | { retryMs: number }> {
    const { runtime, paths, events, logger } = this.#deps;
    try {
      await mkdir(paths.podLogsDir(identityOf(pod)), { recursive: true, mode: 0o755 });
      return await runtime.runPodSandbox(config, handler);
    } catch (error) {
      const message = rpcErrorText(error);
      logger.warn({ pod: formatPod(identityOf(pod)), error: message }, "cannot create pod sandbox");
      events.pod(pod, "Warning", "FailedCreatePodSandBox", `Failed to create pod sandbox: ${message}`);
      return { retryMs: failedStartRetryMs };
    }
  }

  async #startAll(context: StartContext): Promise<void> {
    const { pod, plan, runtimePod } = context;
    const sandbox = readySandbox(runtimePod);
    const podIps = pod.spec.hostNetwork ? this.#deps.hostIps() : (sandbox?.ips ?? []);
    const addresses = { podIps, hostIps: this.#deps.hostIps() };
    const hostsFile = await this.#writeHostsFile(pod, podIps);
    const wanted: PodContainer[] = [
      ...(pod.spec.ephemeralContainers ?? []).flatMap((container, index): PodContainer[] =>
        plan.startEphemeral.includes(index) ? [{ kind: "ephemeral", container: asContainer(container), index }] : [],
      ),
      ...plan.startInit.flatMap((index) => named("init", pod.spec.initContainers?.[index], index)),
      ...plan.start.flatMap((index) => named("regular", pod.spec.containers[index], index)),
    ];
    for (const container of wanted) {
      if (context.signal.aborted) return;
      await this.#startOne(context, container, addresses, hostsFile);
    }
  }

  /** In the order of the spec and one after the other: a postStart hook holds up its successors. */
  async #startOne(
    context: StartContext,
    container: PodContainer,
    addresses: PodAddresses,
    hostsFile: string | undefined,
  ): Promise<void> {
    const { pod, runtimePod, round } = context;
    const { name } = container.container;
    const latest = latestContainer(runtimePod, name);
    const key = `${uidOf(pod)}_${name}`;
    if (latest?.state === "exited") {
      const waitMs = this.#deps.backOff.remainingMs(key, latest.finishedAtMs);
      if (waitMs > 0) return this.#backingOff(context, container, key, waitMs);
      this.#deps.backOff.next(key, latest.finishedAtMs);
    }
    const target =
      container.kind === "ephemeral" ? pod.spec.ephemeralContainers?.[container.index]?.targetContainerName : undefined;
    const failure = await this.#deps.starter.start({
      pod,
      container,
      runtimePod,
      sandboxId: context.sandboxId,
      sandbox: context.config,
      addresses,
      volumes: context.volumes,
      hostsFile,
      targetId: target ? latestContainer(runtimePod, target)?.id : undefined,
      signal: context.signal,
    });
    if (failure) round.fail(name, failure, failedStartRetryMs);
    else this.#deps.probes.containerStarted(pod);
  }

  #backingOff({ pod, round }: StartContext, container: PodContainer, key: string, waitMs: number): void {
    const { name } = container.container;
    const who = formatPod(identityOf(pod));
    this.#deps.events.container(
      pod,
      container,
      "Warning",
      "BackOff",
      `Back-off restarting failed container ${name} in pod ${who}`,
    );
    const delay = formatDuration(this.#deps.backOff.delayMs(key));
    const message = `back-off ${delay} restarting failed container=${name} pod=${who}`;
    round.fail(name, { reason: "CrashLoopBackOff", message }, waitMs);
  }

  /** The kubelet writes /etc/hosts for every pod, as the pod's address is not known to its image. */
  async #writeHostsFile(pod: Pod, ips: readonly string[]): Promise<string> {
    const { paths, dns } = this.#deps;
    const uid = uidOf(pod);
    const path = paths.hostsFile(uid);
    const aliases = pod.spec.hostAliases ?? [];
    const text = pod.spec.hostNetwork
      ? hostNetworkHostsFile(await readFile("/etc/hosts", "utf8").catch(() => ""), aliases)
      : podHostsFile({ ips, aliases, ...hostnameOf(pod, dns().clusterDomain) });
    await mkdir(paths.podDir(uid), { recursive: true, mode: 0o750 });
    await writeFile(path, text, { mode: 0o644 });
    return path;
  }
}

interface StartContext {
  readonly pod: Pod;
  readonly plan: PodPlan;
  readonly runtimePod: RuntimePod;
  readonly sandboxId: string;
  readonly config: PodSandboxConfig;
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  readonly signal: AbortSignal;
  readonly round: Round;
}

/** Gathers what went wrong in one round and when the earliest of it can be tried again. */
class Round {
  readonly #failures = new Map<string, StartFailure>();
  #retryMs: number | undefined;

  fail(name: string, failure: StartFailure, retryMs: number): void {
    this.#failures.set(name, failure);
    this.#retryMs = Math.min(this.#retryMs ?? retryMs, retryMs);
  }

  result(): RunResult {
    return { failures: this.#failures, ...(this.#retryMs !== undefined && { retryMs: this.#retryMs }) };
  }
}

function named(
  kind: "init" | "regular",
  container: PodContainer["container"] | undefined,
  index: number,
): PodContainer[] {
  return container ? [{ kind, container, index }] : [];
}

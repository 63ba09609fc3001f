import { type ConfigDocument, parseDurationMs } from "@tskube/component";

/** A KubeSchedulerConfiguration as far as it is about scheduling, with defaults filled in. */
export interface SchedulerConfiguration {
  readonly percentageOfNodesToScore: number | undefined;
  readonly podInitialBackoffMs: number;
  readonly podMaxBackoffMs: number;
  readonly profiles: readonly ProfileConfiguration[];
}

export interface PluginEntry {
  readonly name: string;
  readonly weight?: number;
}

export interface PluginSet {
  readonly enabled?: readonly PluginEntry[];
  readonly disabled?: readonly PluginEntry[];
}

export interface ProfileConfiguration {
  readonly schedulerName: string;
  readonly percentageOfNodesToScore: number | undefined;
  /** By extension point, `multiPoint` among them. */
  readonly plugins: Readonly<Record<string, PluginSet>>;
  /** Arguments by plugin. */
  readonly pluginConfig: ReadonlyMap<string, unknown>;
}

export const apiVersion = "kubescheduler.config.k8s.io/v1";
export const defaultSchedulerName = "default-scheduler";

/** Reads the document; throws one sentence when it is wrong. Absent: what upstream does without a file. */
export function readConfiguration(document: ConfigDocument | undefined): SchedulerConfiguration {
  const raw = (document?.kind === "KubeSchedulerConfiguration" ? document : {}) as Record<string, unknown>;
  const profiles = (raw.profiles as readonly Record<string, unknown>[] | undefined) ?? [{}];
  const read = profiles.map(readProfile);
  const names = new Set(read.map(({ schedulerName }) => schedulerName));
  if (names.size < read.length) throw new Error("profiles: every profile needs a schedulerName of its own");
  const initialMs = seconds(raw.podInitialBackoffSeconds, 1, "podInitialBackoffSeconds");
  const maxMs = seconds(raw.podMaxBackoffSeconds, 10, "podMaxBackoffSeconds");
  if (maxMs < initialMs)
    throw new Error("podMaxBackoffSeconds: must be greater than or equal to PodInitialBackoffSeconds");
  positive(raw.parallelism, 16, "parallelism"); // checked only: one thread searches
  return {
    percentageOfNodesToScore: percentage(raw.percentageOfNodesToScore),
    podInitialBackoffMs: initialMs,
    podMaxBackoffMs: maxMs,
    profiles: read,
  };
}

function readProfile(raw: Record<string, unknown>): ProfileConfiguration {
  const config = (raw.pluginConfig ?? []) as readonly { readonly name: string; readonly args?: unknown }[];
  return {
    schedulerName: typeof raw.schedulerName === "string" ? raw.schedulerName : defaultSchedulerName,
    percentageOfNodesToScore: percentage(raw.percentageOfNodesToScore),
    plugins: (raw.plugins ?? {}) as Readonly<Record<string, PluginSet>>,
    pluginConfig: new Map(config.map(({ name, args }) => [name, args])),
  };
}

function percentage(raw: unknown): number | undefined {
  if (raw === undefined || raw === null) return undefined;
  if (typeof raw !== "number" || raw < 0 || raw > 100)
    throw new Error(`percentageOfNodesToScore: not in valid range [0-100]: ${String(raw)}`);
  return raw === 0 ? undefined : raw;
}

function seconds(raw: unknown, fallback: number, name: string): number {
  return positive(raw, fallback, name) * 1000;
}

function positive(raw: unknown, fallback: number, name: string): number {
  if (raw === undefined || raw === null) return fallback;
  if (typeof raw !== "number" || !(raw > 0)) throw new Error(`${name}: must be greater than 0, not ${String(raw)}`);
  return raw;
}

/** What a KubeSchedulerConfiguration says about options. Throws for another kind. */
export function readKind(document: ConfigDocument): Readonly<Record<string, unknown>> {
  if (document.apiVersion !== apiVersion || document.kind !== "KubeSchedulerConfiguration") {
    throw new Error(
      `kube-scheduler takes a KubeSchedulerConfiguration of ${apiVersion}, not ${String(document.kind)} of ${String(document.apiVersion)}`,
    );
  }
  const section = (name: string) => (document[name] ?? {}) as Readonly<Record<string, unknown>>;
  const connection = section("clientConnection");
  const election = section("leaderElection");
  return {
    kubeconfig: connection.kubeconfig,
    kubeApiQps: connection.qps,
    kubeApiBurst: connection.burst,
    leaderElect: election.leaderElect,
    leaderElectLeaseDuration: durationOf(election.leaseDuration),
    leaderElectRenewDeadline: durationOf(election.renewDeadline),
    leaderElectRetryPeriod: durationOf(election.retryPeriod),
    leaderElectResourceName: election.resourceName,
    leaderElectResourceNamespace: election.resourceNamespace,
  };
}

/** Checked here, so that the message names the field of the file. */
function durationOf(raw: unknown): unknown {
  if (raw !== undefined) parseDurationMs(raw);
  return raw;
}

import { deepEqual } from "@tskube/apimachinery";
import { type Clock, Counter, type Logger, type MetricsRegistry } from "@tskube/base";
import type { RemoteVersion } from "../../discovery/served-groups.ts";
import { startKeyedWorkers } from "../keyed-workers.ts";
import { fetchRemote } from "../proxy/fetch-remote.ts";
import { aggregatorUser } from "../proxy/own-users.ts";
import type { Remote } from "../proxy/remote.ts";
import type { Remotes } from "../proxy/remotes.ts";
import { entriesOf, versionOf } from "./parse-discovery.ts";

export interface RemoteDiscoveryDeps {
  readonly remotes: Remotes;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

export interface RemoteDiscovery {
  /** What is known of others' groups; another list whenever something changes. Never waits for anybody. */
  versions(): readonly RemoteVersion[];
  close(): Promise<void>;
}

/** What an extension server said when it was last asked successfully. */
interface Known {
  readonly remote: Remote;
  readonly resources: RemoteVersion["resources"];
  readonly etag: string | undefined;
  readonly isStale: boolean;
}

const workerCount = 2;
const refreshMs = 60_000;
const timeoutMs = 5_000;
const limitBytes = 8 * 1024 * 1024;
const json = "application/json";
/** Servers built before v2 have the beta form, which differs in nothing that is read here. */
const aggregatedTypes = ["v2", "v2beta1"]
  .map((version) => `${json};g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .join(",");

/** Asks extension servers what they serve, when they change and every minute, and remembers it. */
export function startRemoteDiscovery({ remotes, metrics, ...deps }: RemoteDiscoveryDeps): RemoteDiscovery {
  const known = new Map<string, Known>();
  let listed: readonly RemoteVersion[] | undefined;
  const aggregations = new Counter({
    name: "aggregator_discovery_aggregation_count_total",
    help: "Counter of number of times discovery was aggregated",
    registers: [metrics],
  });

  const workers = startKeyedWorkers("discovery", workerCount, {
    ...deps,
    async reconcile(name, signal) {
      const remote = remotes.get(name);
      if (!remote) return undefined;
      const before = known.get(name);
      const stale = { remote, resources: before?.resources ?? [], etag: before?.etag, isStale: true };
      if (!remote.isAvailable) {
        remember(name, stale);
        return undefined;
      }
      try {
        remember(name, await ask(remote, before, signal));
      } catch (error) {
        remember(name, stale);
        throw error;
      }
      return refreshMs;
    },
  });

  const remember = (name: string, next: Known) => {
    // It may have gone, or become another, while it was asked.
    if (remotes.get(name) !== next.remote) return;
    const before = known.get(name);
    known.set(name, next);
    if (before?.isStale !== next.isStale || !deepEqual(before.resources, next.resources)) listed = undefined;
  };
  const stop = remotes.listen((name) => {
    if (remotes.get(name)) workers.add(name);
    else known.delete(name);
    listed = undefined;
  });

  return {
    versions() {
      if (!listed) {
        aggregations.inc();
        listed = remotes.all().map((remote) => versionFrom(remote, known.get(remote.name)));
      }
      return listed;
    },
    async close() {
      stop();
      await workers.close();
    },
  };
}

function versionFrom({ group, version, priorities }: Remote, known: Known | undefined): RemoteVersion {
  return { group, version, priorities, resources: known?.resources ?? [], isStale: known?.isStale ?? true };
}

/** Asks for everything at once, or for the version alone where the server knows no better. */
async function ask(remote: Remote, before: Known | undefined, signal: AbortSignal): Promise<Known> {
  const { group, version } = remote;
  const options = { user: aggregatorUser, timeoutMs, limitBytes, signal };
  const etag = before?.remote === remote ? before.etag : undefined;
  const whole = await fetchRemote(remote, "/apis", { ...options, accept: aggregatedTypes, etag });
  if (whole.status === 304 && before) return { ...before, remote, isStale: false };
  if (whole.status === 200 && whole.contentType.includes("APIGroupDiscoveryList")) {
    // A server that answers, but not for this version, has nothing in it.
    const resources = versionOf(JSON.parse(whole.body.toString("utf8")), group, version) ?? [];
    return { remote, resources, etag: whole.etag, isStale: false };
  }
  const single = await fetchRemote(remote, remote.path, { ...options, accept: json });
  const resources = single.status === 200 && entriesOf(JSON.parse(single.body.toString("utf8")), group, version);
  if (!resources) throw new Error(`failed to download discovery for ${remote.path}: status ${single.status}`);
  return { remote, resources, etag: undefined, isStale: false };
}

import type { Lease } from "@tskube/api";
import { formatMicroTime, isAlreadyExists, isConflict, isNotFound } from "@tskube/apimachinery";
import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import { readIfPresent } from "../auth/read-if-present.ts";
import type { LocalObjects } from "../registry/objects.ts";

export interface IdentityDeps {
  readonly objects: LocalObjects;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Identity {
  /** Names the lease. */
  readonly name: string;
  readonly hostname: string;
  /** Tells this run of the server from others. */
  readonly holder: string;
}

const namespace = "kube-system";
const leases = { group: "coordination.k8s.io", resource: "leases" };
const identityLabel = "apiserver.kubernetes.io/identity";
const component = "kube-apiserver";
const leaseSeconds = 3_600;
const renewMs = 10_000;
const retryMs = 1_000;
const collectMs = 3_600_000;

/** Shows that this server lives, by a Lease that it renews until `signal` aborts; `onReady` is called when it stands. */
export async function renewIdentity(
  identity: Identity,
  deps: IdentityDeps,
  signal: AbortSignal,
  onReady: () => void,
): Promise<void> {
  while (!signal.aborted) {
    let waitMs = renewMs;
    try {
      await renewOnce(identity, deps);
      onReady();
    } catch (error) {
      deps.logger.warn({ reason: errorMessage(error) }, "cannot renew the lease of this server yet");
      waitMs = retryMs;
    }
    await sleep(deps.clock, waitMs, signal);
  }
}

async function renewOnce(identity: Identity, { objects, clock }: IdentityDeps): Promise<void> {
  const present = await readIfPresent<Lease>(objects, leases, namespace, identity.name);
  const lease = leaseOf(identity, present, clock.now());
  try {
    if (present) await objects.update(leases, namespace, lease);
    else await objects.create(leases, namespace, lease);
  } catch (error) {
    // The last run of this server wrote too, or it was collected: the next beat finds out.
    if (!isConflict(error) && !isAlreadyExists(error) && !isNotFound(error)) throw error;
  }
}

function leaseOf({ name, hostname, holder }: Identity, present: Lease | undefined, nowMs: number): Lease {
  const labels = { [identityLabel]: component, "kubernetes.io/hostname": hostname };
  const spec = { holderIdentity: holder, leaseDurationSeconds: leaseSeconds, renewTime: formatMicroTime(nowMs) };
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { ...present?.metadata, name, namespace, labels: { ...present?.metadata.labels, ...labels } },
    spec: { ...present?.spec, ...spec },
  };
}

/** Removes the leases of servers that have not been there for long, now and then until `signal` aborts. */
export async function collectIdentities(deps: IdentityDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await collectOnce(deps);
    await sleep(deps.clock, collectMs, signal);
  }
}

async function collectOnce({ objects, clock, logger }: IdentityDeps): Promise<void> {
  for (const lease of objects.reader<Lease>(leases).list(namespace)) {
    if (lease.metadata.labels?.[identityLabel] !== component || !isExpired(lease, clock.now())) continue;
    const { name, uid } = lease.metadata;
    try {
      await objects.delete(leases, namespace, name, uid ? { uid } : {});
    } catch (error) {
      if (!isNotFound(error)) logger.warn({ lease: name, reason: errorMessage(error) }, "cannot remove an old lease");
    }
  }
}

/** A lease without a time was never renewed. */
function isExpired({ spec }: Lease, nowMs: number): boolean {
  const renewedAt = Date.parse(spec?.renewTime ?? "");
  return Number.isNaN(renewedAt) || renewedAt + (spec?.leaseDurationSeconds ?? 0) * 1_000 < nowMs;
}

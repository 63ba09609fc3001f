import type { Lease, Node } from "@tskube/api";
import { formatMicroTime, isAlreadyExists, isNotFound } from "@tskube/apimachinery";
import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import type { Client } from "@tskube/client";

export interface NodeLeaseDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The node as the API has it, for the owner reference; undefined before it is registered. */
  readonly node: () => Node | undefined;
}

export interface NodeLeaseOptions {
  readonly name: string;
  readonly durationSeconds: number;
}

const namespace = "kube-node-lease";
/** Renewals in one lease's time: so many may be lost before the node counts as silent. */
const renewalsPerDuration = 4;
const retryMs = 1000;

/** Renews the node's Lease, by which the control plane knows that the node lives. */
export async function runNodeLease(deps: NodeLeaseDeps, options: NodeLeaseOptions, signal: AbortSignal): Promise<void> {
  const { clock, logger } = deps;
  const intervalMs = (options.durationSeconds * 1000) / renewalsPerDuration;
  let held: Lease | undefined;
  while (!signal.aborted) {
    const startedAt = clock.monotonic();
    try {
      held = await renew(deps, options, held, Math.max(retryMs, intervalMs), signal);
      await sleep(clock, Math.max(0, intervalMs - (clock.monotonic() - startedAt)), signal);
    } catch (error) {
      held = undefined; // somebody wrote it: read it anew
      if (!signal.aborted) logger.warn({ error: errorMessage(error) }, "cannot renew the node's lease");
      await sleep(clock, Math.min(retryMs, intervalMs), signal);
    }
  }
}

async function renew(
  { client, clock, node }: NodeLeaseDeps,
  { name, durationSeconds }: NodeLeaseOptions,
  held: Lease | undefined,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Lease> {
  const leases = client.leases(namespace);
  const call = { signal, timeoutMs };
  const known = held ?? (await leases.get(name, call).catch(orUndefined));
  const owner = node();
  const lease: Lease = {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: {
      ...known?.metadata,
      name,
      namespace,
      ...(owner?.metadata.uid && {
        ownerReferences: [{ apiVersion: "v1", kind: "Node", name: owner.metadata.name ?? "", uid: owner.metadata.uid }],
      }),
    },
    spec: {
      ...known?.spec,
      holderIdentity: name,
      leaseDurationSeconds: durationSeconds,
      renewTime: formatMicroTime(clock.now()),
    },
  };
  if (known) return leases.update(lease, call);
  try {
    return await leases.create(lease, call);
  } catch (error) {
    if (isAlreadyExists(error)) return leases.get(name, call);
    throw error;
  }
}

function orUndefined(error: unknown): undefined {
  if (isNotFound(error)) return undefined;
  throw error;
}

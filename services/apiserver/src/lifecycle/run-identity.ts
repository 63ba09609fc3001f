import { randomUUID } from "node:crypto";
import type { HealthChecks } from "@tskube/component";
import { identityOf } from "./identity.ts";
import { collectIdentities, type IdentityDeps, renewIdentity } from "./identity-leases.ts";
import { startHook } from "./start-hook.ts";

export interface RunIdentityDeps extends IdentityDeps {
  readonly health: HealthChecks;
}

/** Keeps this server's Lease, and the others' tidy, until `signal` aborts. */
export async function runIdentity(
  host: { readonly hostname: string; readonly address: string },
  deps: RunIdentityDeps,
  signal: AbortSignal,
): Promise<void> {
  const name = identityOf(host.hostname, host.address);
  const isRenewed = startHook(deps.health, "start-kube-apiserver-identity-lease-controller");
  startHook(deps.health, "start-kube-apiserver-identity-lease-garbage-collector")();
  const identity = { name, hostname: host.hostname, holder: `${name}_${randomUUID()}` };
  await Promise.all([renewIdentity(identity, deps, signal, isRenewed), collectIdentities(deps, signal)]);
}

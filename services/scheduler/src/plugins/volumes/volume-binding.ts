import type { PersistentVolume, PersistentVolumeClaim } from "@tskube/api";
import { type Clock, sleep } from "@tskube/base";
import type { Client } from "@tskube/client";
import { stateKey } from "../../framework/cycle-state.ts";
import { action } from "../../framework/events.ts";
import type { PluginDefinition } from "../../framework/handle.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import { failure, skip, unresolvable, type Verdict } from "../../framework/status.ts";
import { claimsOf, type PodClaims } from "./claims-of-pod.ts";
import { claimKey } from "./match-volume.ts";
import { type NodePlan, noVolume, planFor, whyUnreachable } from "./plan.ts";
import { Promises } from "./promises.ts";
import { createStorageView, isBound, type StorageView, selectedNodeAnnotation } from "./storage-view.ts";

interface VolumeBindingState {
  readonly claims: PodClaims;
  readonly plans: Map<string, NodePlan>;
}

const key = stateKey<VolumeBindingState>("VolumeBinding");
const boundByController = "pv.kubernetes.io/bound-by-controller";
const lookEveryMs = 1_000;

/**
 * Puts pods where their volumes can be reached. Claims that wait for their first pod get a volume chosen, or a node for the provisioner
 * named, before the pod is bound; the pod is bound only when they are.
 */
export const volumeBinding: PluginDefinition = {
  name: "VolumeBinding",
  create(args, { informers, client, clock }) {
    const { bindTimeoutSeconds = 600 } = (args ?? {}) as { readonly bindTimeoutSeconds?: number };
    const view = createStorageView(informers);
    const promises = new Promises();
    return {
      name: "VolumeBinding",
      preFilter(state, { claimKeys, pod }) {
        if (claimKeys.length === 0) return skip;
        const claims = claimsOf(pod, view);
        if ("code" in claims) return claims;
        state.write(key, { claims, plans: new Map() });
        return undefined;
      },
      filter(state, _pod, node) {
        const prepared = state.read(key);
        if (!prepared) return undefined;
        const { bound, delayed } = prepared.claims;
        const reason = whyUnreachable(bound, node, view);
        if (reason) return unresolvable(reason);
        const plan = planFor(delayed, node, view, promises);
        if (!plan) return unresolvable(noVolume);
        prepared.plans.set(node.name, plan);
        return undefined;
      },
      reserve(state, _pod, nodeName) {
        for (const { claim, volume } of state.read(key)?.plans.get(nodeName)?.bindings ?? [])
          promises.promise(volume.metadata.name, claimKey(claim));
        return undefined;
      },
      unreserve(state, _pod, nodeName) {
        for (const { claim } of state.read(key)?.plans.get(nodeName)?.bindings ?? [])
          promises.takeBack(claimKey(claim));
      },
      async preBind(state, pod, nodeName, signal) {
        const plan = state.read(key)?.plans.get(nodeName);
        if (!plan || plan.bindings.length + plan.provisions.length === 0) return undefined;
        try {
          await carryOut(plan, nodeName, client, signal);
        } catch (error) {
          return failure(error);
        }
        const verdict = await untilBound(
          { pod, plan, nodeName, view, clock, timeoutMs: bindTimeoutSeconds * 1000 },
          signal,
        );
        // The server shows the volumes as taken now.
        if (!verdict) for (const { claim } of plan.bindings) promises.takeBack(claimKey(claim));
        return verdict;
      },
      eventsToRegister: () => [
        { resource: "StorageClass", actions: action.add | action.update },
        { resource: "PersistentVolumeClaim", actions: action.add | action.update, hint: ofItsNamespace },
        { resource: "PersistentVolume", actions: action.add | action.update },
        { resource: "Node", actions: action.add | action.updateNodeLabel },
        { resource: "CSINode", actions: action.add | action.update },
      ],
    };
  },
};

function ofItsNamespace(
  { pod }: PodInfo,
  _old: unknown,
  claim: { metadata: { namespace?: string | undefined } } | undefined,
) {
  return claim?.metadata.namespace === pod.metadata.namespace ? "Queue" : "Skip";
}

/** Names the claim in each chosen volume, and the node in each claim that is to be provisioned; the volume controller does the rest. */
async function carryOut(plan: NodePlan, nodeName: string, client: Client, signal: AbortSignal): Promise<void> {
  for (const { claim, volume } of plan.bindings) {
    await client.persistentvolumes().update(promised(volume, claim), { signal });
  }
  for (const claim of plan.provisions) {
    if (claim.metadata.annotations?.[selectedNodeAnnotation] === nodeName) continue;
    const annotations = { ...claim.metadata.annotations, [selectedNodeAnnotation]: nodeName };
    await client
      .persistentvolumeclaims(claim.metadata.namespace)
      .update({ ...claim, metadata: { ...claim.metadata, annotations } }, { signal });
  }
}

function promised(volume: PersistentVolume, { metadata }: PersistentVolumeClaim): PersistentVolume {
  const annotations = { ...volume.metadata.annotations, [boundByController]: "yes" };
  return {
    ...volume,
    metadata: { ...volume.metadata, annotations },
    spec: {
      ...volume.spec,
      claimRef: {
        kind: "PersistentVolumeClaim",
        apiVersion: "v1",
        namespace: metadata.namespace,
        name: metadata.name,
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
      },
    },
  };
}

interface Waiting {
  readonly pod: PodInfo;
  readonly plan: NodePlan;
  readonly nodeName: string;
  readonly view: StorageView;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** Waits until all claims are bound; a claim whose node a provisioner has taken back means: choose another. */
async function untilBound(waiting: Waiting, signal: AbortSignal): Promise<Verdict> {
  const { plan, nodeName, view, clock, timeoutMs } = waiting;
  const deadlineMs = clock.monotonic() + timeoutMs;
  const provisioned = new Set(plan.provisions.map(claimKey));
  const keys = [...plan.bindings.map(({ claim }) => claimKey(claim)), ...provisioned];
  let hasSeenNode = false;
  while (!signal.aborted) {
    const claims = keys.map((one) => view.claim(one));
    if (claims.every((claim) => claim && isBound(claim))) return undefined;
    for (const claim of claims) {
      if (!claim) return failure(new Error("binding volumes: a claim was deleted"));
      if (!provisioned.has(claimKey(claim)) || isBound(claim)) continue;
      const selected = claim.metadata.annotations?.[selectedNodeAnnotation];
      hasSeenNode ||= selected === nodeName;
      if (hasSeenNode && selected !== nodeName)
        return failure(new Error(`binding volumes: provisioning failed for PVC "${claim.metadata.name}"`));
    }
    if (clock.monotonic() >= deadlineMs) return failure(new Error("binding volumes: context deadline exceeded"));
    await sleep(clock, lookEveryMs, signal);
  }
  return failure(new Error("binding volumes: stopped"));
}

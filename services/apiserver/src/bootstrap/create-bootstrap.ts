import type { KubeObject } from "@tskube/api";
import { isNotFound } from "@tskube/apimachinery";
import { type Clock, type Logger, sleep } from "@tskube/base";
import type { ClusterRoleBinding, RoleBinding } from "../auth/rbac/types.ts";
import type { GroupResource, LocalObjects } from "../registry/objects.ts";
import type { AuthenticationFacts } from "./authentication-config-map.ts";
import { ensure } from "./ensure.ts";
import { ensureAuthenticationConfig } from "./keep-authentication-config.ts";
import { completeTracking, legacyTokenTracking } from "./legacy-token-tracking.ts";
import { systemNamespaces } from "./namespaces.ts";
import { clusterBindings, joinBindings } from "./policy/cluster-bindings.ts";
import { clusterRoles } from "./policy/cluster-roles.ts";
import {
  allControllersBinding,
  allControllersRole,
  controllerBindings,
  controllerRoles,
} from "./policy/controller-roles.ts";
import { namespaceBindings, namespaceRoles } from "./policy/namespace-roles.ts";
import { userRoles } from "./policy/user-roles.ts";
import { systemPriorityClasses } from "./priority-classes.ts";
import { completeBinding, completeRole } from "./reconcile-rbac.ts";

export interface BootstrapDeps {
  readonly objects: LocalObjects;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly authentication: AuthenticationFacts;
}

export interface Bootstrap {
  /**
   * Brings the default objects to what they should be, writing only what differs. Safe to run in several apiservers at once. Tries again until all is
   * there or `signal` aborts.
   */
  run(signal: AbortSignal): Promise<void>;
}

type Task = () => Promise<void>;

/** A first start writes some hundred objects; more at once would only wait for each other in the store. */
const concurrency = 16;
const retryMs = 1000;
const rbac = (resource: string): GroupResource => ({ group: "rbac.authorization.k8s.io", resource });

export function createBootstrap(deps: BootstrapDeps): Bootstrap {
  return {
    async run(signal) {
      // Namespaces first: what stands in them is refused until they exist.
      await runUntilDone(namespaceTasks(deps), deps, signal);
      await runUntilDone(objectTasks(deps), deps, signal);
    },
  };
}

async function runUntilDone(tasks: readonly Task[], deps: BootstrapDeps, signal: AbortSignal): Promise<void> {
  let left = [...tasks];
  while (left.length > 0 && !signal.aborted) {
    left = await runBounded(left, deps, signal);
    if (left.length > 0) await sleep(deps.clock, retryMs, signal);
  }
}

/** Runs all tasks, a few at a time; resolves with those that failed or were not begun. */
async function runBounded(tasks: readonly Task[], deps: BootstrapDeps, signal: AbortSignal): Promise<Task[]> {
  const failed: Task[] = [];
  const queue = [...tasks];
  const worker = async () => {
    for (let task = queue.shift(); task && !signal.aborted; task = queue.shift()) {
      try {
        await task();
      } catch (err) {
        failed.push(task);
        deps.logger.warn({ err }, "cannot write a default object yet");
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, tasks.length) }, worker));
  return [...failed, ...queue];
}

function namespaceTasks({ objects }: BootstrapDeps): Task[] {
  return systemNamespaces.map((namespace) => () => ensure(objects, { group: "", resource: "namespaces" }, namespace));
}

function objectTasks({ objects, clock, authentication }: BootstrapDeps): Task[] {
  const all = <T extends KubeObject>(wanted: readonly T[], write: (one: T) => Promise<void>): Task[] =>
    wanted.map((one) => () => write(one));
  return [
    ...all([...clusterRoles, ...userRoles, ...controllerRoles, allControllersRole], (role) =>
      ensure(objects, rbac("clusterroles"), role, (present) => completeRole(present, role)),
    ),
    ...all(namespaceRoles, (role) => ensure(objects, rbac("roles"), role, (present) => completeRole(present, role))),
    ...all([...clusterBindings, ...controllerBindings, allControllersBinding, ...joinBindings], (binding) =>
      ensureBinding(objects, rbac("clusterrolebindings"), binding),
    ),
    ...all(namespaceBindings, (binding) => ensureBinding(objects, rbac("rolebindings"), binding)),
    ...all(systemPriorityClasses, (one) =>
      ensure(objects, { group: "scheduling.k8s.io", resource: "priorityclasses" }, one),
    ),
    () => ensureAuthenticationConfig(authentication, { objects, clock }),
    () => ensureTokenTracking({ objects, clock }),
  ];
}

async function ensureTokenTracking({ objects, clock }: Pick<BootstrapDeps, "objects" | "clock">): Promise<void> {
  const wanted = legacyTokenTracking(clock.now());
  await ensure(objects, { group: "", resource: "configmaps" }, wanted, (present) => completeTracking(present, wanted));
}

async function ensureBinding<T extends RoleBinding | ClusterRoleBinding>(
  objects: LocalObjects,
  resource: GroupResource,
  wanted: T,
): Promise<void> {
  const { name, namespace = "" } = wanted.metadata;
  const present = objects.reader<T>(resource).get(namespace, name);
  if (present && completeBinding(present, wanted).do === "recreate") {
    await deleteExactly(objects, resource, present);
    await objects.create(resource, namespace, wanted);
    return;
  }
  await ensure(objects, resource, wanted, (current) => {
    const step = completeBinding(current, wanted);
    return step.do === "update" ? step.object : undefined;
  });
}

/** Another apiserver may have replaced it already; its binding must not be taken away. */
async function deleteExactly(objects: LocalObjects, resource: GroupResource, object: KubeObject): Promise<void> {
  const { name, namespace = "", uid } = object.metadata;
  try {
    await objects.delete(resource, namespace, name, uid ? { uid } : {});
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

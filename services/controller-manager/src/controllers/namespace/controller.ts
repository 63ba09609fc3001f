import type { Namespace, Pod } from "@tskube/api";
import { deepEqual, isNotFound } from "@tskube/apimachinery";
import { after, type Controller, type Deps, done, type Result, self } from "@tskube/controller";
import { discover as askServer, type Discovery } from "../../discovery/discover.ts";
import { contentConditions, isGone } from "./conditions.ts";
import { deleteContent } from "./delete-content.ts";

const finalizer = "kubernetes";
/** Objects other than pods may leave without an event here: the next look at a namespace that is not empty yet. */
const lookAgainMs = 1_000;

export interface NamespaceOptions {
  readonly workers: number;
  /** Asks what there is to delete; the server's discovery when absent. */
  readonly discover?: (signal: AbortSignal) => Promise<Discovery>;
}

/** Empties namespaces that are being deleted, then lets them go. */
export function namespaceController(options: NamespaceOptions): (deps: Deps) => Controller {
  return ({ client, clock, listers }) => {
    const { namespaces } = listers;
    const discover = options.discover ?? ((signal) => askServer(client, signal));
    const isGoing = (name: string) => namespaces.get(name)?.metadata.deletionTimestamp !== undefined;

    return {
      name: "namespace",
      workers: options.workers,
      wakeOn: {
        Namespace: self,
        Pod: ({ metadata }: Pod) => (isGoing(metadata.namespace ?? "") ? metadata.namespace : undefined),
      },
      async reconcile(name, signal) {
        const namespace = namespaces.get(name);
        const isOurs = namespace?.metadata.deletionTimestamp && namespace.spec?.finalizers?.includes(finalizer);
        return isOurs ? empty(namespace, signal) : done;
      },
    };

    async function empty(namespace: Namespace, signal: AbortSignal): Promise<Result> {
      const { name } = namespace.metadata;
      const content = await deleteContent(client, name, await discover(signal), signal);
      const current = await tellWhy(namespace, contentConditions(namespace, content, clock.now()));
      if (!current) return done;
      if (!isGone(content)) return after(lookAgainMs);
      await letGo(current);
      return done;
    }

    async function tellWhy(namespace: Namespace, conditions: readonly unknown[]): Promise<Namespace | undefined> {
      const status = { ...namespace.status, phase: "Terminating", conditions: [...conditions] } as Namespace["status"];
      if (deepEqual(namespace.status, status)) return namespace;
      try {
        return await client.namespaces().updateStatus({ ...namespace, status });
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    }

    async function letGo(namespace: Namespace): Promise<void> {
      const finalizers = (namespace.spec?.finalizers ?? []).filter((one) => one !== finalizer);
      try {
        await client
          .namespaces()
          .sub<Namespace>(namespace.metadata.name, "finalize")
          .update({ ...namespace, spec: { ...namespace.spec, finalizers } });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  };
}

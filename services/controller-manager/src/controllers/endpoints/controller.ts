import type { Endpoints, Service } from "@tskube/api";
import { deepEqual, isNotFound, statusCause } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import { type Controller, type Deps, done, OwnWrites, type Result, self } from "@tskube/controller";
import {
  hasEndpointChange,
  hasSelector,
  headlessLabel,
  isHeadless,
  podsOf,
  servicesOf,
  triggerTime,
  triggerTimeAnnotation,
} from "../../net/service-pods.ts";
import { subsetsOf, truncate } from "./subsets.ts";

const capacityAnnotation = "endpoints.kubernetes.io/over-capacity";
const managedByLabel = "endpoints.kubernetes.io/managed-by";
const managedBy = "endpoint-controller";
/** Some old programs elect leaders on Endpoints: those are nobody else's. */
const leaderAnnotation = "control-plane.alpha.kubernetes.io/leader";

/** Writes the endpoints of services with a selector into the legacy Endpoints object of the same name. */
export function endpointsController(workers: number): (deps: Deps) => Controller {
  return ({ client, clock, events, listers }) => {
    const { services, pods, endpoints } = listers;
    const own = new OwnWrites<Endpoints>(endpoints, clock);

    return {
      name: "endpoint",
      workers,
      wakeOn: {
        Service: self,
        Pod: { keys: (pod) => servicesOf(pod, services), onUpdate: hasEndpointChange },
        Endpoints: self,
      },
      async reconcile(key) {
        const service = services.get(key);
        if (!service) return removeOrphan(key);
        if (!hasSelector(service) || !own.areSeen(key)) return done;
        return write(key, service);
      },
    };

    /** Endpoints go with their service; those that somebody else made for leader election do not. */
    async function removeOrphan(key: string): Promise<Result> {
      own.forget(key);
      const left = endpoints.get(key);
      if (
        !left ||
        left.metadata.labels?.[managedByLabel] !== managedBy ||
        left.metadata.annotations?.[leaderAnnotation]
      )
        return done;
      const { name, namespace, uid } = left.metadata;
      await client
        .endpoints(namespace)
        .delete(name, uid ? { preconditions: { uid } } : {})
        .catch((error) => {
          if (!isNotFound(error)) throw error;
        });
      return done;
    }

    async function write(key: string, service: Service): Promise<Result> {
      const members = podsOf(service, pods);
      const { subsets, wasTruncated } = truncate(subsetsOf(service, members));
      const found = endpoints.get(key);
      const labels = labelsOf(service);
      const isCapacityRight = (found?.metadata.annotations?.[capacityAnnotation] === "truncated") === wasTruncated;
      if (
        found &&
        deepEqual(found.subsets ?? [], subsets) &&
        deepEqual(found.metadata.labels, labels) &&
        isCapacityRight
      )
        return done;
      const { [capacityAnnotation]: _, ...kept } = found?.metadata.annotations ?? {};
      const time = triggerTime(service, members);
      const annotations = {
        ...kept,
        ...(time && { [triggerTimeAnnotation]: time }),
        ...(wasTruncated && { [capacityAnnotation]: "truncated" }),
      };
      const { name, namespace } = service.metadata;
      const metadata = { ...(found?.metadata ?? { name, namespace }), labels, annotations };
      try {
        const target = client.endpoints(namespace);
        own.wrote(
          key,
          found ? await target.update({ ...found, metadata, subsets }) : await target.create({ metadata, subsets }),
        );
      } catch (error) {
        if (statusCause(error, "NamespaceTerminating")) return done;
        const [reason, verb] = found ? ["FailedToUpdateEndpoint", "update"] : ["FailedToCreateEndpoint", "create"];
        events.warn(service, reason, `Failed to ${verb} endpoint for service ${key}: ${errorMessage(error)}`);
        throw error;
      }
      return done;
    }
  };
}

function labelsOf(service: Service): Record<string, string> {
  const { [headlessLabel]: _, ...labels } = service.metadata.labels ?? {};
  return { ...labels, [managedByLabel]: managedBy, ...(isHeadless(service) && { [headlessLabel]: "" }) };
}

import type { EndpointSlice, Node, Pod, Service } from "@tskube/api";
import { deepEqual, isNotFound, statusCause } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import { joinKey } from "@tskube/client";
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
import { controllerReference } from "../../objects/meta.ts";
import { addressTypesOf, endpointOf, slicePortsOf } from "./endpoints.ts";
import { type EndpointGroup, planSlices, portsKey } from "./plan.ts";

const managedByLabel = "endpointslice.kubernetes.io/managed-by";
const managedBy = "endpointslice-controller.k8s.io";
const serviceNameLabel = "kubernetes.io/service-name";

export interface EndpointSliceOptions {
  readonly workers: number;
  readonly maxPerSlice: number;
}

/** Writes the endpoints of services with a selector into EndpointSlices. */
export function endpointSliceController({ workers, maxPerSlice }: EndpointSliceOptions): (deps: Deps) => Controller {
  return ({ client, clock, events, listers }) => {
    const { services, pods, nodes, endpointslices } = listers;
    const own = new OwnWrites<EndpointSlice>(endpointslices, clock);

    return {
      name: "endpointslice",
      workers,
      wakeOn: {
        Service: self,
        Pod: { keys: (pod) => servicesOf(pod, services), onUpdate: hasEndpointChange },
        EndpointSlice: serviceKey,
        Node: { keys: servicesOnNode, onUpdate: (old, node) => zoneOf(old) !== zoneOf(node) },
      },
      async reconcile(key) {
        const service = services.get(key);
        // Slices of a service that is gone are its dependents: the garbage collector takes them.
        if (!service || !hasSelector(service) || service.metadata.deletionTimestamp) {
          if (!service) own.forget(key);
          return done;
        }
        if (!own.areSeen(key)) return done;
        return write(key, service);
      },
    };

    function servicesOnNode(node: Node): string[] {
      return [...new Set(pods.by("node", node.metadata.name).flatMap((pod) => servicesOf(pod, services)))];
    }

    async function write(key: string, service: Service): Promise<Result> {
      const members = podsOf(service, pods);
      const mine = slicesOf(service);
      const labels = labelsOf(service);
      const annotations = trigger(service, members);
      const plan = planSlices(groupsOf(service, members), mine, maxPerSlice);
      const touched = new Set(plan.update.map(({ slice }) => slice.metadata.uid));
      const relabelled = mine.filter(
        (slice) =>
          !touched.has(slice.metadata.uid) && !plan.remove.includes(slice) && !deepEqual(slice.metadata.labels, labels),
      );
      const slicesClient = client.endpointslices(service.metadata.namespace);
      const change = async (slice: EndpointSlice, endpoints: EndpointSlice["endpoints"]) => {
        const metadata = { ...slice.metadata, labels, annotations: { ...slice.metadata.annotations, ...annotations } };
        own.wrote(key, await slicesClient.update({ ...slice, metadata, endpoints }));
      };
      try {
        for (const { group, endpoints } of plan.create) {
          own.wrote(key, await slicesClient.create(draft(service, group, [...endpoints], labels, annotations)));
        }
        for (const { slice, endpoints } of plan.update) await change(slice, [...endpoints]);
        for (const slice of relabelled) await change(slice, slice.endpoints);
        for (const slice of plan.remove) await remove(key, slice);
      } catch (error) {
        if (statusCause(error, "NamespaceTerminating")) return done;
        events.warn(
          service,
          "FailedToUpdateEndpointSlices",
          `Error updating Endpoint Slices for Service ${key}: ${errorMessage(error)}`,
        );
        throw error;
      }
      return done;
    }

    function slicesOf({ metadata }: Service): EndpointSlice[] {
      return endpointslices
        .by("owner", metadata.uid ?? "")
        .filter((slice) => slice.metadata.labels?.[managedByLabel] === managedBy && !slice.metadata.deletionTimestamp);
    }

    function groupsOf(service: Service, members: readonly Pod[]): EndpointGroup[] {
      const groups = new Map<string, { group: EndpointGroup; endpoints: EndpointSlice["endpoints"] }>();
      for (const type of addressTypesOf(service)) {
        for (const pod of members) {
          const endpoint = endpointOf(service, pod, type, nodes.get(pod.spec.nodeName ?? ""));
          if (!endpoint) continue;
          const ports = slicePortsOf(service, pod);
          const id = portsKey(type, ports);
          const found = groups.get(id);
          if (found) found.endpoints.push(endpoint);
          else {
            const endpoints = [endpoint];
            groups.set(id, { group: { type, ports, endpoints }, endpoints });
          }
        }
        const hasFamily = [...groups.values()].some(({ group }) => group.type === type);
        if (!hasFamily) groups.set(type, { group: { type, ports: [], endpoints: [] }, endpoints: [] });
      }
      return [...groups.values()].map(({ group }) => group);
    }

    async function remove(key: string, slice: EndpointSlice): Promise<void> {
      const { name, namespace } = slice.metadata;
      try {
        await own.deleting(key, slice, () => client.endpointslices(namespace).delete(name));
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  };
}

function serviceKey({ metadata }: EndpointSlice): string | undefined {
  const { [serviceNameLabel]: service, [managedByLabel]: manager } = metadata.labels ?? {};
  return service && manager === managedBy ? joinKey(metadata.namespace, service) : undefined;
}

/** The service's own labels, as upstream copies them, and what marks its slices. */
function labelsOf(service: Service): Record<string, string> {
  const { [headlessLabel]: _, ...labels } = service.metadata.labels ?? {};
  return {
    ...labels,
    ...(isHeadless(service) && { [headlessLabel]: "" }),
    [serviceNameLabel]: service.metadata.name,
    [managedByLabel]: managedBy,
  };
}

function trigger(service: Service, members: readonly Pod[]): Record<string, string> {
  const time = triggerTime(service, members);
  return time ? { [triggerTimeAnnotation]: time } : {};
}

function draft(
  service: Service,
  { type, ports }: EndpointGroup,
  endpoints: EndpointSlice["endpoints"],
  labels: Record<string, string>,
  annotations: Record<string, string>,
) {
  return {
    metadata: {
      generateName: `${service.metadata.name}-`,
      namespace: service.metadata.namespace,
      labels,
      annotations,
      ownerReferences: [controllerReference(service)],
    },
    addressType: type,
    ports: ports.map((port) => ({ ...port })),
    endpoints,
  };
}

function zoneOf(node: Node): string | undefined {
  return node.metadata.labels?.["topology.kubernetes.io/zone"];
}

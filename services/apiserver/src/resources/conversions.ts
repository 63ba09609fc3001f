import { type coreV1, type eventsV1, type KubeObject, normalize, type ResourceInfo, typeNameOf } from "@tskube/api";
import { formatGroupVersion } from "@tskube/apimachinery";
import { scalerFromV1, scalerToV1 } from "./autoscaler-conversion.ts";
import type { ServedResource } from "./served-resource.ts";

type Conversion = Required<Pick<ServedResource, "toServed" | "toStored">>;
type Loose = KubeObject & Record<string, unknown>;

/** How a resource's version that is not the stored one turns into it and back. */
export function conversionTo(served: ResourceInfo, stored: ResourceInfo): Conversion {
  const own = Object.hasOwn(special, served.kind + served.group + served.version)
    ? special[served.kind + served.group + served.version]
    : undefined;
  return {
    toServed: (object) => renamed(own ? own.toServed(object) : object, served),
    toStored: (object) => renamed(own ? own.toStored(object) : object, stored),
  };
}

/** Versions of most kinds have the same fields: reading an object as the other version's type leaves out what that one lacks. */
function renamed(object: KubeObject, to: ResourceInfo): KubeObject {
  const type = typeNameOf(to);
  const value = type ? normalize(type, object) : { ...object };
  const { kind: _kind, apiVersion: _version, metadata, ...rest } = value;
  return { kind: to.kind, apiVersion: formatGroupVersion(to), metadata, ...rest } as KubeObject;
}

const special: Readonly<Record<string, Conversion>> = {
  "Eventevents.k8s.iov1": { toServed: eventToEventsV1, toStored: eventFromEventsV1 },
  HorizontalPodAutoscalerautoscalingv1: { toServed: scalerToV1, toStored: scalerFromV1 },
};

function eventToEventsV1(object: KubeObject): KubeObject {
  const { involvedObject, message, source, firstTimestamp, lastTimestamp, count, reportingComponent, ...rest } =
    object as coreV1.Event;
  return {
    ...rest,
    apiVersion: "events.k8s.io/v1",
    regarding: involvedObject,
    note: message,
    reportingController: reportingComponent,
    deprecatedSource: source,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    deprecatedCount: count,
  } as unknown as Loose;
}

function eventFromEventsV1(object: KubeObject): KubeObject {
  const { regarding, note, reportingController, deprecatedSource, ...rest } = object as eventsV1.Event;
  const { deprecatedFirstTimestamp, deprecatedLastTimestamp, deprecatedCount, ...kept } = rest;
  return {
    ...kept,
    apiVersion: "v1",
    involvedObject: regarding ?? {},
    message: note,
    reportingComponent: reportingController ?? "",
    source: deprecatedSource,
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    count: deprecatedCount,
  } as unknown as Loose;
}

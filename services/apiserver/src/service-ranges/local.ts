import type { GroupResource } from "../registry/objects.ts";

const group = "networking.k8s.io";

export const rangesResource: GroupResource = { group, resource: "servicecidrs" };
export const addressesResource: GroupResource = { group, resource: "ipaddresses" };
export const servicesResource: GroupResource = { group: "", resource: "services" };
export const eventsResource: GroupResource = { group: "", resource: "events" };

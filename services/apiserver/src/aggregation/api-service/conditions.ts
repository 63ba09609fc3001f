import { isConditionTrue, withCondition } from "@tskube/apimachinery";
import type { APIService } from "./api-service.ts";

/** What is known of whether requests for a group's version can be answered. */
export interface Availability {
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

/** Of what this server answers itself. */
export const localAvailability: Availability = {
  status: "True",
  reason: "Local",
  message: "Local APIServices are always available",
};

export function isAvailable(service: APIService): boolean {
  return isConditionTrue(service, "Available");
}

/** The object with its `Available` condition so; the object itself when that says nothing new. */
export function withAvailability(service: APIService, availability: Availability, nowMs: number): APIService {
  const before = service.status?.conditions;
  const conditions = withCondition(before, { type: "Available", ...availability }, nowMs);
  return conditions === before ? service : { ...service, status: { ...service.status, conditions: [...conditions] } };
}

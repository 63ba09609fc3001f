import { deepEqual } from "@tskube/apimachinery";
import type { APIService } from "../api-service/api-service.ts";
import { managedLabel } from "./wanted.ts";

export interface Situation {
  readonly wanted: APIService | undefined;
  readonly present: APIService | undefined;
  /** Whether this server has brought the name right before since its start. */
  readonly isSettled: boolean;
  /** Whether an APIService of the name stood there when the server started. */
  readonly wasThereAtStart: boolean;
}

export type RegistrationStep =
  | { readonly do: "nothing" }
  | { readonly do: "create" | "update"; readonly object: APIService }
  | { readonly do: "delete"; readonly object: APIService };

const nothing: RegistrationStep = { do: "nothing" };

/**
 * What to do about one name:
 *
 *     present \ wanted           | nothing     | onstart      | always
 *     ---------------------------|-------------|--------------|--------------
 *     not there                  | -           | create, once | create
 *     not managed                | -           | -            | -
 *     onstart, made since        | -           | -            | -
 *     onstart, there at start    | delete once | update once  | update once
 *     always                     | delete      | update once  | update
 */
export function planRegistration({ wanted, present, isSettled, wasThereAtStart }: Situation): RegistrationStep {
  if (isSettled && managementOf(wanted) === "onstart") return nothing;
  if (!present) return wanted ? { do: "create", object: wanted } : nothing;
  const management = managementOf(present);
  if (management !== "onstart" && management !== "true") return nothing;
  if (management === "onstart" && (isSettled || !wasThereAtStart)) return nothing;
  if (!wanted) return { do: "delete", object: present };
  return deepEqual(present.spec, wanted.spec) ? nothing : { do: "update", object: { ...present, spec: wanted.spec } };
}

function managementOf(service: APIService | undefined): string | undefined {
  return service?.metadata.labels?.[managedLabel];
}

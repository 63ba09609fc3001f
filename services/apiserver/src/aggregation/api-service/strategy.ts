import { pathSegmentNameErrors } from "@tskube/apimachinery";
import type { Strategy } from "../../registry/strategy.ts";
import type { APIService } from "./api-service.ts";
import { apiServiceColumns } from "./columns.ts";
import { localAvailability, withAvailability } from "./conditions.ts";
import { validateApiService, validateApiServiceStatus } from "./validate.ts";

/** What is special about APIServices. `clock` tells when a local one became available: at its creation. */
export function apiServiceStrategy(clock: { now(): number }): Strategy<APIService> {
  return {
    validateName: pathSegmentNameErrors,
    requiresResourceVersion: true,
    columns: apiServiceColumns,
    prepareForCreate(service) {
      if (!service.spec.service) service.status = withAvailability(service, localAvailability, clock.now()).status;
    },
    validate: validateApiService,
    validateUpdate: validateApiService,
    status: {
      prepareForUpdate({ metadata }, old) {
        const { labels, annotations, finalizers } = old.metadata;
        Object.assign(metadata, { labels, annotations, finalizers });
      },
      validateUpdate: validateApiServiceStatus,
    },
  };
}

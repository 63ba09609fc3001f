import type { ExactDeviceRequest } from "../generated/resource.k8s.io/v1.ts";
import type { DefaultsByType } from "./defaults-by-type.ts";

/** Requests for devices; the fields are the same in every version that has the type. */
const defaultRequest = (request: Pick<ExactDeviceRequest, "allocationMode" | "count">) => {
  request.allocationMode ||= "ExactCount";
  if (request.allocationMode === "ExactCount") request.count ||= 1;
};

export const resourceDefaults: DefaultsByType = {
  "resource.k8s.io/v1.ExactDeviceRequest": defaultRequest,
  "resource.k8s.io/v1.DeviceSubRequest": defaultRequest,
  "resource.k8s.io/v1beta2.ExactDeviceRequest": defaultRequest,
  "resource.k8s.io/v1beta2.DeviceSubRequest": defaultRequest,
  "resource.k8s.io/v1beta1.DeviceSubRequest": defaultRequest,
  "resource.k8s.io/v1beta1.DeviceRequest": (
    request: Parameters<typeof defaultRequest>[0] & { firstAvailable?: unknown },
  ) => {
    // A list of alternatives says how many itself.
    if (request.firstAvailable === undefined) defaultRequest(request);
  },
};

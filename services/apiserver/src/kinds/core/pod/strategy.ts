import type { Pod } from "@tskube/api";
import type { Strategy } from "../../../registry/strategy.ts";
import { podColumns } from "./columns.ts";
import { qosClass } from "./qos.ts";
import { validatePod, validatePodStatusUpdate, validatePodUpdate } from "./validate-pod.ts";
import { podWarnings } from "./warnings.ts";

const defaultGraceSeconds = 30;

export const pods: Strategy<Pod> = {
  hasGeneration: true,
  returnsDeletedObject: true,
  indexedFields: ["spec.nodeName"],
  selectableFields: {
    "spec.nodeName": ({ spec }) => spec.nodeName ?? "",
    "spec.restartPolicy": ({ spec }) => spec.restartPolicy ?? "",
    "spec.schedulerName": ({ spec }) => spec.schedulerName ?? "",
    "spec.serviceAccountName": ({ spec }) => spec.serviceAccountName ?? "",
    "spec.hostNetwork": ({ spec }) => String(spec.hostNetwork ?? false),
    "status.phase": ({ status }) => status?.phase ?? "",
    "status.podIP": ({ status }) => status?.podIPs?.[0]?.ip ?? status?.podIP ?? "",
    "status.nominatedNodeName": ({ status }) => status?.nominatedNodeName ?? "",
  },
  columns: podColumns,

  prepareForCreate(pod) {
    pod.status = { phase: "Pending", qosClass: qosClass(pod) };
    if (pod.spec.schedulingGates?.length) {
      pod.status.conditions = [
        {
          type: "PodScheduled",
          status: "False",
          reason: "SchedulingGated",
          message: "Scheduling is blocked due to non-empty scheduling gates",
        },
      ];
    }
  },
  prepareForUpdate(pod, old) {
    pod.spec.ephemeralContainers = old.spec.ephemeralContainers;
  },
  validate: (pod) => validatePod(pod),
  validateUpdate: validatePodUpdate,
  warnings: podWarnings,
  status: {
    prepareForUpdate(pod, old) {
      // Whoever reports a status leaves out what others decided.
      if (pod.status && !pod.status.qosClass) pod.status.qosClass = old.status?.qosClass;
    },
    validateUpdate: validatePodStatusUpdate,
  },

  /** A pod that runs nowhere, or is over, has nothing to end gracefully. */
  gracePeriodSeconds({ spec, status }, requested) {
    if (!spec.nodeName) return 0;
    if (status?.phase === "Failed" || status?.phase === "Succeeded") return 0;
    const grace = requested ?? spec.terminationGracePeriodSeconds ?? defaultGraceSeconds;
    return grace < 0 ? 1 : grace;
  },
};

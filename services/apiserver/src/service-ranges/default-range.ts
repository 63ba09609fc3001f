import type { ServiceCIDR } from "@tskube/api";
import { deepEqual, formatTime } from "@tskube/apimachinery";

export const defaultRangeName = "kubernetes";

export function defaultRange(clusterIpRange: string): ServiceCIDR {
  return {
    kind: "ServiceCIDR",
    apiVersion: "networking.k8s.io/v1",
    metadata: { name: defaultRangeName },
    spec: { cidrs: [clusterIpRange] },
  };
}

export interface Verdict {
  /** The status to be written; absent where it is right. */
  readonly status?: ServiceCIDR["status"];
  /** What people should hear of. */
  readonly event?: string;
}

/** What is to be said of the default range, which an earlier server may have made with another flag. */
export function judgeDefault({ spec, status }: ServiceCIDR, clusterIpRange: string, nowMs: number): Verdict {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  const isSame = deepEqual(spec?.cidrs ?? [], [clusterIpRange]);
  if (isSame && ready?.status === "True") return {};
  const lastTransitionTime = formatTime(nowMs);
  const others = (status?.conditions ?? []).filter(({ type }) => type !== "Ready");
  const as = (one: { status: string; reason: string; message: string }) => ({
    conditions: [...others, { type: "Ready", lastTransitionTime, ...one }],
  });
  if (isSame)
    return { status: as({ status: "True", reason: "", message: "Kubernetes default Service CIDR is ready" }) };
  const present = (spec?.cidrs ?? []).join(" ");
  const message = `The default ServiceCIDR [${present}] does not match the flag --service-cluster-ip-range [${clusterIpRange}]`;
  if (ready?.status === "False") return { event: message };
  return {
    event: message,
    status: as({ status: "False", reason: "KubernetesDefaultServiceCIDRInconsistent", message }),
  };
}

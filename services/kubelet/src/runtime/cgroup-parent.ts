import type { Pod } from "@tskube/api";
import { uidOf } from "../pods/identity.ts";
import { qosClassOf } from "../pods/qos.ts";

export type CgroupDriverName = "cgroupfs" | "systemd";

/** The cgroup under which the runtime puts a pod: by class of service, so that weights and pressure apply to whole classes. */
export function podCgroupParent(pod: Pod, driver: CgroupDriverName): string {
  const qos = qosClassOf(pod).toLowerCase();
  const classes = qos === "guaranteed" ? ["kubepods"] : ["kubepods", qos];
  const uid = uidOf(pod);
  if (driver === "cgroupfs") return `/${[...classes, `pod${uid}`].join("/")}`;
  return `${[...classes, `pod${uid.replaceAll("-", "_")}`].join("-")}.slice`;
}

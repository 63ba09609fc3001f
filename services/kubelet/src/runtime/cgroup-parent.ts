import type { Pod } from "@tskube/api";
import { uidOf } from "../pods/identity.ts";
import { qosClassOf } from "../pods/qos.ts";

export type CgroupDriverName = "cgroupfs" | "systemd";

export interface CgroupOptions {
  readonly driver: CgroupDriverName;
  /** The cgroup below which all of the node's pods live; empty for the top. */
  readonly root: string;
}

/** The cgroup under which the runtime puts a pod: by class of service, so that weights and pressure apply to whole classes. */
export function podCgroupParent(pod: Pod, { driver, root }: CgroupOptions): string {
  const qos = qosClassOf(pod).toLowerCase();
  const classes = qos === "guaranteed" ? ["kubepods"] : ["kubepods", qos];
  const uid = uidOf(pod);
  if (driver === "cgroupfs")
    return `/${[...root.split("/").filter((part) => part !== ""), ...classes, `pod${uid}`].join("/")}`;
  return `${[...classes, `pod${uid.replaceAll("-", "_")}`].join("-")}.slice`;
}

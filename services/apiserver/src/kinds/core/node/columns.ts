import type { Node } from "@tskube/api";
import type { TableColumns } from "../../../http/table-columns.ts";
import { ageColumn, ageOf, column, nameColumn, orNone } from "../../cells.ts";

export const nodeColumns: TableColumns<Node> = {
  definitions: [
    nameColumn,
    column("Status", "The status of the node"),
    column("Roles", "The roles of the node"),
    ageColumn,
    column("Version", "Kubelet version reported by the node."),
    column("Internal-IP", "The node's address within the cluster.", { isWide: true }),
    column("External-IP", "The node's address from outside.", { isWide: true }),
    column("OS-Image", "The operating system of the node.", { isWide: true }),
    column("Kernel-Version", "The kernel of the node.", { isWide: true }),
    column("Container-Runtime", "The container runtime of the node.", { isWide: true }),
  ],
  cells(node) {
    const info = node.status?.nodeInfo;
    return [
      node.metadata.name,
      nodeStatus(node),
      nodeRoles(node),
      ageOf(node),
      info?.kubeletVersion ?? "",
      addressOf(node, "InternalIP"),
      addressOf(node, "ExternalIP"),
      orUnknown(info?.osImage),
      orUnknown(info?.kernelVersion),
      orUnknown(info?.containerRuntimeVersion),
    ];
  },
};

function nodeStatus({ spec, status }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  const words = [ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady"];
  if (spec?.unschedulable) words.push("SchedulingDisabled");
  return words.join(",");
}

const rolePrefix = "node-role.kubernetes.io/";

function nodeRoles({ metadata }: Node): string {
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(rolePrefix)) return [key.slice(rolePrefix.length)];
    return key === "kubernetes.io/role" && value !== "" ? [value] : [];
  });
  return orNone(
    [...new Set(roles)]
      .filter((role) => role !== "")
      .sort()
      .join(","),
  );
}

function addressOf({ status }: Node, type: string): string {
  return orNone(status?.addresses?.find((address) => address.type === type)?.address);
}

function orUnknown(text: string | undefined): string {
  return text || "<unknown>";
}

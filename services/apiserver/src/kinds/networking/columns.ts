import type { Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR } from "@tskube/api";
import { type LabelSelectorLike, labelSelectorAsSelector } from "@tskube/apimachinery";
import type { TableColumns } from "../../http/table-columns.ts";
import { ageColumn, ageOf, column, nameColumn, orNone } from "../cells.ts";

const maxHosts = 3;

export const ingressColumns: TableColumns<Ingress> = {
  definitions: [
    nameColumn,
    column("Class", "The class of the ingress."),
    column("Hosts", "Hosts that the ingress answers for."),
    column("Address", "Where the ingress is reached."),
    column("Ports", "Ports of the ingress."),
    ageColumn,
  ],
  cells: (ingress) => [
    ingress.metadata.name,
    orNone(ingress.spec?.ingressClassName ?? ingress.metadata.annotations?.["kubernetes.io/ingress.class"]),
    hostsText(ingress),
    (ingress.status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || "").join(","),
    ingress.spec?.tls?.length ? "80, 443" : "80",
    ageOf(ingress),
  ],
};

function hostsText({ spec }: Ingress): string {
  const hosts = (spec?.rules ?? []).map(({ host }) => host ?? "").filter((host) => host !== "");
  if (hosts.length === 0) return "*";
  const shown = hosts.slice(0, maxHosts).join(",");
  return hosts.length > maxHosts ? `${shown} + ${hosts.length - maxHosts} more...` : shown;
}

export const ingressClassColumns: TableColumns<IngressClass> = {
  definitions: [
    nameColumn,
    column("Controller", "The controller of ingresses of this class."),
    column("Parameters", "More about the class."),
    ageColumn,
  ],
  cells: (one) => {
    const parameters = one.spec?.parameters;
    const kind = parameters && (parameters.apiGroup ? `${parameters.kind}.${parameters.apiGroup}` : parameters.kind);
    return [one.metadata.name, one.spec?.controller ?? "", kind ? `${kind}/${parameters?.name}` : "<none>", ageOf(one)];
  },
};

export const networkPolicyColumns: TableColumns<NetworkPolicy> = {
  definitions: [nameColumn, column("Pod-Selector", "The pods that the policy is for."), ageColumn],
  cells: (policy) => [
    policy.metadata.name,
    labelSelectorAsSelector(policy.spec?.podSelector as LabelSelectorLike | undefined).toString() || "<none>",
    ageOf(policy),
  ],
};

export const rangeColumns: TableColumns<ServiceCIDR> = {
  definitions: [nameColumn, column("CIDRs", "Ranges that services get their addresses from."), ageColumn],
  cells: (range) => [range.metadata.name, (range.spec?.cidrs ?? []).join(","), ageOf(range)],
};

export const addressColumns: TableColumns<IPAddress> = {
  definitions: [nameColumn, column("ParentRef", "The object that has the address.")],
  cells: (address) => [address.metadata.name, parentText(address)],
};

/** `services/default/kubernetes`, without the parts that are not there. */
function parentText({ spec }: IPAddress): string {
  const { group, resource, namespace, name } = spec?.parentRef ?? {};
  const qualified = group ? `${resource}.${group}` : resource;
  return orNone([qualified, namespace, name].filter((part) => part).join("/"));
}

import type { HostAlias, PodSpec } from "@tskube/api";
import { dns1123SubdomainErrors, type FieldError, field, ipErrors, type Path } from "@tskube/apimachinery";
import { oneOf, optionalName } from "../../field-rules.ts";

const policies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
const maxNameservers = 3;
const maxSearches = 32;
const maxSearchesLength = 2048;

/** How a pod's names are found. */
export function validateDns(spec: PodSpec, at: Path): FieldError[] {
  return [
    ...oneOf(spec.dnsPolicy, policies, at.child("dnsPolicy")),
    ...configErrors(spec, at.child("dnsConfig")),
    ...(spec.hostAliases ?? []).flatMap((alias, index) => aliasErrors(alias, at.child("hostAliases").index(index))),
  ];
}

function configErrors({ dnsPolicy, dnsConfig }: PodSpec, at: Path): FieldError[] {
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {};
  if (dnsPolicy === "None") {
    if (!dnsConfig) return [field.required(at, "must provide `dnsConfig` when `dnsPolicy` is None")];
    const detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
    if (nameservers.length === 0) return [field.required(at.child("nameservers"), detail)];
  }
  const [serversAt, searchesAt] = [at.child("nameservers"), at.child("searches")];
  const errors: FieldError[] = [];
  if (nameservers.length > maxNameservers) {
    errors.push(field.invalid(serversAt, nameservers, `must not have more than ${maxNameservers} nameservers`));
  }
  errors.push(...nameservers.flatMap((address, index) => optionalName(address, ipErrors, serversAt.index(index))));
  if (searches.length > maxSearches) {
    errors.push(field.invalid(searchesAt, searches, `must not have more than ${maxSearches} search paths`));
  }
  errors.push(...searches.flatMap((search, index) => searchErrors(search, searchesAt.index(index))));
  if (searches.join(" ").length > maxSearchesLength) {
    const detail = `must not have more than ${maxSearchesLength} characters (including spaces) in the search list`;
    errors.push(field.invalid(searchesAt, searches, detail));
  }
  const unnamed = options.flatMap(({ name }, index) =>
    name ? [] : [field.required(at.child("options").index(index), "must not be empty")],
  );
  return [...errors, ...unnamed];
}

/** Besides subdomains, names with underscores, one dot at the end, and the dot alone. */
function searchErrors(search: string, at: Path): FieldError[] {
  if (search === ".") return [];
  const name = search.replace(/\.$/, "");
  return dns1123SubdomainErrors(name.replaceAll("_", "a")).map((message) => field.invalid(at, name, message));
}

function aliasErrors({ ip, hostnames = [] }: HostAlias, at: Path): FieldError[] {
  return [
    ...ipErrors(ip).map((message) => field.invalid(at.child("ip"), ip, message)),
    ...hostnames.flatMap((name) =>
      dns1123SubdomainErrors(name).map((message) => field.invalid(at.child("hostnames"), name, message)),
    ),
  ];
}

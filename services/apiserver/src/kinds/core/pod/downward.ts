import type { ObjectFieldSelector, ResourceFieldSelector } from "@tskube/api";
import {
  compareQuantities,
  type FieldError,
  field,
  formatQuantity,
  type Path,
  parseQuantity,
  qualifiedNameErrors,
} from "@tskube/apimachinery";

/** Fields of its own that a pod may read in environment variables. */
export const environmentFields: readonly string[] = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];

/** Fields of its own that a pod may read in files: such as may change while it runs. */
export const fileFields: readonly string[] = [
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
];

/** All that `fieldPath` may name anywhere, by what it stands for. */
const known: ReadonlyMap<string, string> = new Map([
  ...[
    ...new Set([...environmentFields, ...fileFields, "spec.restartPolicy", "spec.schedulerName", "status.phase"]),
  ].map((name) => [name, name] as const),
  ["spec.host", "spec.nodeName"],
]);

export function validateFieldRef(
  { apiVersion, fieldPath }: ObjectFieldSelector,
  allowed: readonly string[],
  at: Path,
): FieldError[] {
  if (!apiVersion) return [field.required(at.child("apiVersion"))];
  if (!fieldPath) return [field.required(at.child("fieldPath"))];
  const cannotConvert = (why: string) => [
    field.invalid(at.child("fieldPath"), fieldPath, `error converting fieldPath: ${why}`),
  ];
  if (apiVersion !== "v1") return cannotConvert(`unsupported pod version: ${apiVersion}`);
  const [, map, key] = /^(.+)\['([^']*)'\]$/.exec(fieldPath) ?? [];
  if (map !== undefined && key !== undefined) {
    if (map !== "metadata.annotations" && map !== "metadata.labels") {
      return cannotConvert(`field label does not support subscript: ${fieldPath}`);
    }
    const name = map === "metadata.annotations" ? key.toLowerCase() : key;
    return qualifiedNameErrors(name).map((message) => field.invalid(at, key, message));
  }
  const name = known.get(fieldPath);
  if (name === undefined) return cannotConvert(`field label not supported: ${fieldPath}`);
  return allowed.includes(name) ? [] : [field.notSupported(at.child("fieldPath"), name, allowed)];
}

const amounts = [
  "limits.cpu",
  "limits.ephemeral-storage",
  "limits.memory",
  "requests.cpu",
  "requests.ephemeral-storage",
  "requests.memory",
];
const sizeDivisors = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];
const divisors: readonly { readonly of: RegExp; readonly allowed: readonly string[]; readonly what: string }[] = [
  { of: /\.cpu$/, allowed: ["1m", "1"], what: "1m and 1 are supported with the cpu resource" },
  { of: /\.memory$/, allowed: sizeDivisors, what: sizesWith("memory") },
  { of: /\.ephemeral-storage$/, allowed: sizeDivisors, what: sizesWith("local ephemeral storage") },
  { of: /\.hugepages-/, allowed: sizeDivisors, what: sizesWith("hugepages") },
];

function sizesWith(what: string): string {
  return `${sizeDivisors.join(", ")} are supported with the ${what} resource`;
}

/** An amount of a container's resources; files have to say of which container. */
export function validateResourceFieldRef(
  { containerName, resource, divisor }: ResourceFieldSelector,
  { needsContainer }: { readonly needsContainer: boolean },
  at: Path,
): FieldError[] {
  if (needsContainer && !containerName) return [field.required(at.child("containerName"))];
  if (!resource) return [field.required(at.child("resource"))];
  const errors: FieldError[] = [];
  if (!amounts.includes(resource) && !/^(requests|limits)\.hugepages-/.test(resource)) {
    errors.push(field.notSupported(at.child("resource"), resource, amounts));
  }
  const quantity = divisor === undefined ? undefined : parseQuantity(divisor);
  const rule = divisors.find(({ of }) => of.test(resource));
  if (!quantity || !rule || compareQuantities(quantity, parseQuantity("0")) === 0) return errors;
  if (rule.allowed.includes(formatQuantity(quantity))) return errors;
  return [...errors, field.invalid(at.child("divisor"), resource, `only divisor's values ${rule.what}`)];
}

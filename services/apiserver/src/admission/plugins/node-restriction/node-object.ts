import type { Node } from "@tskube/api";
import { deepEqual } from "@tskube/apimachinery";
import { objectOf, oldObjectOf } from "../../matches.ts";
import { refuse } from "../../refuse.ts";
import type { NodeWrite } from "./node-write.ts";

/** A node writes its own object, without the parts by which others keep pods away from it. */
export function checkNode({ attributes, nodeName }: NodeWrite): void {
  const name = attributes.name || (attributes.object?.metadata.name ?? "");
  if (name !== nodeName) throw refuse(attributes, `node "${nodeName}" is not allowed to modify node "${name}"`);
  if (attributes.operation === "DELETE") return;
  const node = objectOf<Node>(attributes);
  const old = oldObjectOf<Node>(attributes);
  if (attributes.operation === "CREATE" || !old) {
    const forbidden = forbiddenLabels(Object.keys(node.metadata.labels ?? {}));
    if (forbidden.length > 0) {
      throw refuse(attributes, `is not allowed to set the following labels: ${forbidden.join(", ")}`);
    }
    return;
  }
  if (!deepEqual(node.spec?.taints ?? [], old.spec?.taints ?? [])) {
    throw refuse(attributes, `node "${nodeName}" is not allowed to modify taints`);
  }
  if (!deepEqual(node.metadata.ownerReferences ?? [], old.metadata.ownerReferences ?? [])) {
    throw refuse(attributes, `node "${nodeName}" is not allowed to modify ownerReferences`);
  }
  const modified = forbiddenLabels(modifiedKeys(old.metadata.labels ?? {}, node.metadata.labels ?? {}));
  if (modified.length > 0) {
    throw refuse(attributes, `is not allowed to modify labels: ${modified.join(", ")}`);
  }
}

function modifiedKeys(old: Readonly<Record<string, string>>, next: Readonly<Record<string, string>>): string[] {
  const keys = new Set([...Object.keys(old), ...Object.keys(next)]);
  return [...keys].filter((key) => old[key] !== next[key]);
}

const kubeletLabels = new Set([
  "kubernetes.io/hostname",
  "kubernetes.io/arch",
  "kubernetes.io/os",
  "node.kubernetes.io/instance-type",
  "node.kubernetes.io/windows-build",
  "beta.kubernetes.io/instance-type",
  "beta.kubernetes.io/os",
  "beta.kubernetes.io/arch",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
  "failure-domain.kubernetes.io/zone",
  "failure-domain.kubernetes.io/region",
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
]);
const kubeletNamespaces = ["kubelet.kubernetes.io", "node.kubernetes.io"];

/** Labels of the project's own domains are for others to set, but for those that a kubelet reports. */
function forbiddenLabels(keys: readonly string[]): string[] {
  return keys.filter(isForbidden).sort();
}

function isForbidden(key: string): boolean {
  const slash = key.indexOf("/");
  const domain = slash < 0 ? "" : key.slice(0, slash);
  if (isWithin(domain, "node-restriction.kubernetes.io")) return true;
  if (!isWithin(domain, "kubernetes.io") && !isWithin(domain, "k8s.io")) return false;
  return !kubeletLabels.has(key) && !kubeletNamespaces.some((namespace) => isWithin(domain, namespace));
}

function isWithin(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}

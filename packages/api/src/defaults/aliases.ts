import type { NodeSpec, PodSpec, PodStatus, Secret } from "../generated/core/v1.ts";
import type { DefaultsByType } from "./defaults-by-type.ts";

/** Fields that say one thing twice, for clients of two ages: whichever was written, both are right afterwards. */
export const aliases: DefaultsByType = {
  "core/v1.PodSpec": (spec: PodSpec) => {
    const name = spec.serviceAccountName || spec.serviceAccount;
    if (!name) return;
    spec.serviceAccountName = name;
    spec.serviceAccount = name;
  },
  "core/v1.PodStatus": (status: PodStatus) => {
    if (status.podIP && !status.podIPs?.length) status.podIPs = [{ ip: status.podIP }];
    const first = status.podIPs?.[0]?.ip;
    if (first) status.podIP = first;
  },
  "core/v1.NodeSpec": (spec: NodeSpec) => {
    if (spec.podCIDR && !spec.podCIDRs?.length) spec.podCIDRs = [spec.podCIDR];
    const first = spec.podCIDRs?.[0];
    if (first) spec.podCIDR = first;
  },
  "core/v1.Secret": foldStringData,
};

/** Text may be written as it is but is never read back: it becomes data, in place of what data had under the name. */
function foldStringData(secret: Secret): void {
  if (secret.stringData === undefined) return;
  const texts = Object.entries(secret.stringData).map(([name, text]) => [name, Buffer.from(text).toString("base64")]);
  // Unlike assignment, this makes even `__proto__` an ordinary key.
  secret.data = Object.fromEntries([...Object.entries(secret.data ?? {}), ...texts]) as Record<string, string>;
  delete secret.stringData;
}

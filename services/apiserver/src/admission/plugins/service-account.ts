import { randomInt } from "node:crypto";
import type { Pod, ServiceAccount, Volume } from "@tskube/api";
import { sleep } from "@tskube/base";
import { readIfPresent } from "../../auth/read-if-present.ts";
import { podTokenSeconds } from "../../auth/tokens/token-issuer.ts";
import type { AdmissionDeps } from "../deps.ts";
import { isMirrorPod, objectOf, writesTo } from "../matches.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";

const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
const volumePrefix = "kube-api-access-";
const serviceAccounts = { group: "", resource: "serviceaccounts" };

/** A new namespace's default account comes from a controller, shortly after the namespace. */
const defaultAccountAttempts = 10;
const attemptMs = 100;

/** Gives each pod a service account, that account's token as a volume, and its image pull secrets. */
export function serviceAccount(deps: AdmissionDeps): AdmissionPlugin {
  return {
    name: "ServiceAccount",
    handles: writesTo("pods", "CREATE"),
    async admit(attributes, signal) {
      const pod = objectOf<Pod>(attributes);
      if (isMirrorPod(pod)) return;
      const { spec } = pod;
      spec.serviceAccountName ||= "default";
      spec.serviceAccount = spec.serviceAccountName;
      const account = await findAccount(attributes, spec.serviceAccountName, deps, signal);
      if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(pod);
      if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
        spec.imagePullSecrets = account.imagePullSecrets.map((reference) => ({ ...reference }));
      }
    },
    validate(attributes) {
      const pod = objectOf<Pod>(attributes);
      if (!isMirrorPod(pod)) return;
      if (pod.spec.serviceAccountName) throw refuse(attributes, "a mirror pod may not reference service accounts");
      for (const { projected } of pod.spec.volumes ?? []) {
        if (projected?.sources?.some((source) => source.serviceAccountToken)) {
          throw refuse(attributes, "a mirror pod may not use ServiceAccountToken volume projections");
        }
      }
    },
  };
}

async function findAccount(
  attributes: AdmissionAttributes,
  name: string,
  deps: AdmissionDeps,
  signal: AbortSignal,
): Promise<ServiceAccount> {
  const { namespace } = attributes;
  const known = deps.objects.reader<ServiceAccount>(serviceAccounts).get(namespace, name);
  if (known) return known;
  const attempts = name === "default" ? defaultAccountAttempts : 1;
  for (let attempt = 1; attempt <= attempts && !signal.aborted; attempt++) {
    if (attempt > 1) await sleep(deps.clock, attemptMs, signal);
    const found = await readIfPresent<ServiceAccount>(deps.objects, serviceAccounts, namespace, name);
    if (found) return found;
  }
  throw refuse(attributes, `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`);
}

/** Containers that mount something of their own at the place are left alone. */
function mountToken(pod: Pod): void {
  const { spec } = pod;
  const targets = [...(spec.initContainers ?? []), ...spec.containers].filter(
    (container) => !container.volumeMounts?.some((mount) => mount.mountPath === mountPath),
  );
  if (targets.length === 0) return;
  const present = spec.volumes?.find((volume) => volume.name.startsWith(volumePrefix));
  const name = present?.name ?? freeVolumeName(new Set(spec.volumes?.map((volume) => volume.name)));
  for (const container of targets) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath }];
  }
  if (!present) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
}

/** Letters and digits that spell no words, as in all generated names. */
const alphabet = "bcdfghjklmnpqrstvwxz2456789";

function freeVolumeName(taken: ReadonlySet<string>): string {
  for (;;) {
    const suffix = Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join("");
    if (!taken.has(volumePrefix + suffix)) return volumePrefix + suffix;
  }
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: podTokenSeconds, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        {
          downwardAPI: {
            items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
          },
        },
      ],
      defaultMode: 0o644,
    },
  };
}

import { isConflict, isNotFound } from "@tskube/apimachinery";
import { kinds } from "@tskube/client";
import { after, type Controller, type Deps, done } from "@tskube/controller";
import { type BootstrapToken, readBootstrapToken, tokenSecrets } from "../../bootstrap-tokens/bootstrap-token.ts";
import { detachedSignature } from "./detached-signature.ts";

const namespace = "kube-public";
const name = "cluster-info";
const key = `${namespace}/${name}`;
const signaturePrefix = "jws-kubeconfig-";

/** Keeps `kube-public/cluster-info` signed with every bootstrap token that is for that: who joins by a token can trust it then. */
export function bootstrapSigner({ client, clock, informers }: Deps): Controller {
  const maps = informers.for(kinds.ConfigMap, { namespace, fieldSelector: `metadata.name=${name}` });
  const secrets = informers.for(kinds.Secret, tokenSecrets);
  return {
    name: "bootstrap-signer",
    workers: 1,
    wakeOn: {},
    start(wake) {
      const wakeAll = () => wake(key);
      for (const informer of [maps, secrets]) informer.on({ add: wakeAll, update: wakeAll, delete: wakeAll });
    },
    async reconcile() {
      const map = maps.lister.get(key);
      if (!map) return done;
      const tokens = signingTokens(clock.now());
      const data = signedData(map.data ?? {}, tokens);
      if (data) {
        try {
          await client.configmaps(namespace).update({ ...map, data });
        } catch (error) {
          // Changed or gone: what is there now wakes this again.
          if (!isConflict(error) && !isNotFound(error)) throw error;
        }
      }
      const ends = tokens.flatMap(({ expiresMs }) => expiresMs ?? []);
      return ends.length > 0 ? after(Math.min(...ends) - clock.now()) : done;
    },
  };

  function signingTokens(nowMs: number): BootstrapToken[] {
    const tokens = secrets.lister.list().map(readBootstrapToken);
    const isGood = (token: BootstrapToken | undefined): token is BootstrapToken =>
      token?.signs === true && (token.expiresMs === undefined || token.expiresMs > nowMs);
    return tokens.filter(isGood);
  }
}

/** The data with signatures by these tokens and no others; undefined when that is what it is. Without a kubeconfig nothing is signed. */
export function signedData(
  data: Readonly<Record<string, string>>,
  tokens: readonly Pick<BootstrapToken, "id" | "secret">[],
): Record<string, string> | undefined {
  const { kubeconfig } = data;
  if (kubeconfig === undefined) return undefined;
  const kept = Object.entries(data).filter(([field]) => !field.startsWith(signaturePrefix));
  const signatures = tokens.map((token) => [signaturePrefix + token.id, detachedSignature(kubeconfig, token)] as const);
  const wanted = Object.fromEntries([...kept, ...signatures]);
  const fields = Object.keys(wanted);
  const isSame = fields.length === Object.keys(data).length && fields.every((field) => data[field] === wanted[field]);
  return isSame ? undefined : wanted;
}

import { duration, type OptionValues, path } from "@tskube/component";
import type { SignerName, SigningOptions } from "./signers.ts";

const files = (what: string) => ({
  cert: path(`The authority's certificate that signs ${what}`),
  key: path(`The authority's private key that signs ${what}`),
});
const all = files("requests to all signers of Kubernetes");
const serving = files("kubelets' serving certificates");
const kubeletClient = files("kubelets' client certificates");
const client = files("clients' certificates");
const legacy = files("requests to kubernetes.io/legacy-unknown");

/** The flags of signing, under upstream's names. */
export const signingOptions = {
  clusterSigningCertFile: all.cert,
  clusterSigningKeyFile: all.key,
  clusterSigningKubeletServingCertFile: serving.cert,
  clusterSigningKubeletServingKeyFile: serving.key,
  clusterSigningKubeletClientCertFile: kubeletClient.cert,
  clusterSigningKubeletClientKeyFile: kubeletClient.key,
  clusterSigningKubeApiserverClientCertFile: client.cert,
  clusterSigningKubeApiserverClientKeyFile: client.key,
  clusterSigningLegacyUnknownCertFile: legacy.cert,
  clusterSigningLegacyUnknownKeyFile: legacy.key,
  clusterSigningDuration: duration("The longest life of signed certificates", { default: 365 * 24 * 3600_000 }),
};

type SigningConfig = OptionValues<typeof signingOptions>;

const flagParts = {
  "kubernetes.io/kubelet-serving": "KubeletServing",
  "kubernetes.io/kube-apiserver-client-kubelet": "KubeletClient",
  "kubernetes.io/kube-apiserver-client": "KubeApiserverClient",
  "kubernetes.io/legacy-unknown": "LegacyUnknown",
} as const satisfies Record<SignerName, string>;

/** Who signs with what; nothing when no flag says so. */
export function signingOf(config: SigningConfig): SigningOptions | undefined {
  const shared = filesOf(config.clusterSigningCertFile, config.clusterSigningKeyFile);
  const pairs = Object.entries(flagParts).flatMap(([signer, part]) => {
    const own = filesOf(config[`clusterSigning${part}CertFile`], config[`clusterSigning${part}KeyFile`]) ?? shared;
    return own ? [[signer, own] as const] : [];
  });
  if (pairs.length === 0) return undefined;
  return { files: Object.fromEntries(pairs), maxLifeMs: config.clusterSigningDuration };
}

/** What is wrong with the flags, in upstream's words. */
export function signingProblems(config: SigningConfig): string[] {
  const wrong: string[] = [];
  const specific = Object.values(flagParts).flatMap((part) => [
    config[`clusterSigning${part}CertFile`],
    config[`clusterSigning${part}KeyFile`],
  ]);
  const shared = [config.clusterSigningCertFile, config.clusterSigningKeyFile];
  if (shared.some(Boolean) && specific.some(Boolean)) {
    wrong.push(
      "cannot specify --cluster-signing-{cert,key}-file and other --cluster-signing-*-file flags at the same time",
    );
  }
  for (const [signer, part] of Object.entries(flagParts)) {
    const [cert, key] = [config[`clusterSigning${part}CertFile`], config[`clusterSigning${part}KeyFile`]];
    if (Boolean(cert) !== Boolean(key)) wrong.push(`certificate and key for ${signer} must be specified together`);
  }
  if (Boolean(shared[0]) !== Boolean(shared[1])) {
    wrong.push("--cluster-signing-cert-file and --cluster-signing-key-file go together");
  }
  return wrong;
}

function filesOf(certFile: string | undefined, keyFile: string | undefined) {
  return certFile && keyFile ? { certFile, keyFile } : undefined;
}

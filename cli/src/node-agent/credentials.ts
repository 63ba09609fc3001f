import {
  type CertificateName,
  certificateRequests,
  frontProxyAuthority,
  frontProxyClientName,
  kubeletClientName,
  kubeletServingName,
  nodeCertificateRequests,
} from "../certificates/cluster-certificates.ts";
import { type ClusterConfig, controlPlaneOf } from "../cluster/cluster-config.ts";

/** What one container gets to see of the cluster's keys: nothing but what it must prove. */
export interface Credentials {
  /** The container, and the folder in which its volume is found. */
  readonly name: string;
  /** Whom the files belong to: the user that the container runs as. */
  readonly userId: number;
  /** Certificates with their keys. */
  readonly pairs: readonly CertificateName[];
  /** Other files of the pki folder. */
  readonly files: readonly string[];
  /** Kubeconfigs by file name, with the certificate each shows. */
  readonly kubeconfigs: Readonly<Record<string, CertificateName>>;
}

/** The user of the control plane's containers (`USER` in the Dockerfile). */
export const controlPlaneUserId = 65532;
const rootUserId = 0;

/** The authority's key is nobody's but `init`'s. */
const frontProxyFiles = [`${frontProxyAuthority}.crt`, `${frontProxyClientName}.crt`, `${frontProxyClientName}.key`];

/** Who gets what. Every container also gets the CA's certificate; its key is for the controller-manager alone, which signs certificate requests. */
export function credentialsOf(config: ClusterConfig): Credentials[] {
  const controlPlane = (name: string, rest: Partial<Credentials>): Credentials => ({
    name,
    userId: controlPlaneUserId,
    pairs: [],
    files: [],
    kubeconfigs: {},
    ...rest,
  });
  const workers = config.nodes.filter(({ role }) => role === "worker");
  return [
    controlPlane("etcd", { pairs: ["etcd-server"] }),
    controlPlane("apiserver", {
      pairs: ["apiserver", "apiserver-kubelet-client", "apiserver-etcd-client"],
      files: ["sa.key", "sa.pub", ...frontProxyFiles],
    }),
    controlPlane("controller-manager", {
      pairs: ["controller-manager", "controller-manager-server"],
      files: ["ca.key"],
      kubeconfigs: { "controller-manager": "controller-manager" },
    }),
    controlPlane("scheduler", { pairs: ["scheduler", "scheduler-server"], kubeconfigs: { scheduler: "scheduler" } }),
    ...workers.map(({ name }) => ({
      name,
      userId: rootUserId,
      pairs: [kubeletClientName(name), kubeletServingName(name), "kube-proxy"],
      files: [],
      kubeconfigs: { [`kubelet-${name}`]: kubeletClientName(name), "kube-proxy": "kube-proxy" },
    })),
  ];
}

/** The certificates to make: those of `tskube up`, without a kubelet's for the control plane, which has none here. */
export function composeCertificateRequests(config: ClusterConfig): ReturnType<typeof certificateRequests> {
  const requests = certificateRequests(config);
  for (const name of nodeCertificateRequests(controlPlaneOf(config)).keys()) requests.delete(name);
  return requests;
}

/** The version of Kubernetes whose behaviour this kubelet shows. */
export const kubeletVersion = "v1.35.0";

/** The user agent of probes; some applications answer it specially. */
export const probeUserAgent = "kube-probe/1.35";

import type { CertificateManagerOptions } from "./certificate-manager.ts";

/** What a kubelet asks for to be its node. */
export function nodeClientCertificate(nodeName: string): CertificateManagerOptions {
  return {
    name: "client",
    signerName: "kubernetes.io/kube-apiserver-client-kubelet",
    // Without "key encipherment", which is for RSA keys.
    usages: ["digital signature", "client auth"],
    subject: { commonName: `system:node:${nodeName}`, organizations: ["system:nodes"], names: [] },
  };
}

/** What a kubelet asks for to serve as its node, under its names and addresses. */
export function nodeServingCertificate(nodeName: string, names: readonly string[]): CertificateManagerOptions {
  return {
    name: "serving",
    signerName: "kubernetes.io/kubelet-serving",
    usages: ["digital signature", "server auth"],
    subject: { commonName: `system:node:${nodeName}`, organizations: ["system:nodes"], names },
  };
}

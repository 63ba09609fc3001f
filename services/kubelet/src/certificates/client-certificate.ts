import type { Clock, Logger } from "@tskube/base";
import { type Client, type ClientConfig, createClient, loadClientConfig, type TlsMaterial } from "@tskube/client";
import { isUsable, writeNodeKubeconfig } from "./bootstrap-kubeconfig.ts";
import { CertificateManager, type CertificateManagerDeps } from "./certificate-manager.ts";
import { type CertificatePair, type CertificateStore, makePair } from "./certificate-store.ts";
import { nodeClientCertificate } from "./node-certificates.ts";

export interface BootstrapFiles {
  readonly kubeconfig: string;
  readonly bootstrapKubeconfig: string;
}

export interface ClientCertificateDeps {
  readonly store: CertificateStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/**
 * Makes a kubeconfig where there is none that is good: with the bootstrap kubeconfig's credentials a client certificate is requested, stored, and named in
 * the new file. Waits until somebody has approved, or `signal` aborts.
 */
export async function bootstrapNode(
  nodeName: string,
  { kubeconfig, bootstrapKubeconfig }: BootstrapFiles,
  deps: ClientCertificateDeps,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock, logger } = deps;
  if (isUsable(kubeconfig, clock)) return;
  logger.info({ kubeconfig, bootstrapKubeconfig }, "requesting a client certificate with bootstrap credentials");
  const client = createClient(loadClientConfig({ path: bootstrapKubeconfig }), { userAgent: "kubelet", clock, logger });
  try {
    await new CertificateManager(nodeClientCertificate(nodeName), { ...deps, client }).obtain(signal);
    if (signal.aborted) return;
    writeNodeKubeconfig(kubeconfig, bootstrapKubeconfig, store.currentPath);
  } finally {
    client.close();
  }
}

/** The configuration with the newest certificate of `current` in place of its own, from the moment on that there is one. */
export function withCurrentCertificate(config: ClientConfig, current: () => CertificatePair | undefined): ClientConfig {
  let known: { readonly base: TlsMaterial; readonly pair: CertificatePair; readonly material: TlsMaterial } | undefined;
  return {
    ...config,
    tls() {
      const base = config.tls();
      const pair = current();
      if (!pair) return base;
      if (known?.base !== base || known.pair !== pair) {
        known = { base, pair, material: { ...base, cert: pair.certificate, key: pair.key } };
      }
      return known.material;
    },
  };
}

/** Keeps the node's client certificate renewed; what the kubeconfig shows counts until the first renewal. */
export function clientCertificateManager(
  nodeName: string,
  config: ClientConfig,
  client: Client,
  deps: Omit<CertificateManagerDeps, "client">,
): CertificateManager {
  return new CertificateManager({ ...nodeClientCertificate(nodeName), initial: pairOf(config) }, { ...deps, client });
}

function pairOf(config: ClientConfig): CertificatePair | undefined {
  const { cert, key } = config.tls();
  return cert && key ? makePair(String(cert), String(key), "the kubeconfig's certificate") : undefined;
}

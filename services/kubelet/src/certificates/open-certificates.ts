import { join } from "node:path";
import type { Clock, Closer, Logger, MetricsRegistry } from "@tskube/base";
import { type Client, type ClientConfig, createClient, loadClientConfig } from "@tskube/client";
import type { TlsSource } from "@tskube/component";
import type { KubeletConfig } from "../config.ts";
import { hostAddresses } from "../node/machine.ts";
import { kubeletVersion } from "../version.ts";
import { CertificateManager } from "./certificate-manager.ts";
import { type CertificatePair, type CertificateStore, certificateStore } from "./certificate-store.ts";
import { bootstrapNode, clientCertificateManager, withCurrentCertificate } from "./client-certificate.ts";
import { clientCertificateMetrics, servingCertificateMetrics } from "./metrics.ts";
import { nodeServingCertificate } from "./node-certificates.ts";
import { IssuedServingTls } from "./serving-certificate.ts";

export interface CertificateDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly random: () => number;
}

type ClientSettings = Pick<
  KubeletConfig,
  "bootstrapKubeconfig" | "certDir" | "kubeApiBurst" | "kubeApiQps" | "kubeconfig" | "rootDir" | "rotateCertificates"
>;

/**
 * The kubelet's way to the API server. With a bootstrap kubeconfig it first gets the node a certificate of its own, however long that takes until `signal`
 * aborts, and nothing comes of it then; with `rotateCertificates` it keeps that renewed until `closer` closes.
 */
export async function openNodeClient(
  config: ClientSettings,
  nodeName: string,
  deps: CertificateDeps,
  closer: Closer,
  signal: AbortSignal,
): Promise<Client | undefined> {
  const { bootstrapKubeconfig, kubeconfig, rotateCertificates } = config;
  const store = storeOf(config, "kubelet-client");
  if (bootstrapKubeconfig && kubeconfig) {
    await bootstrapNode(nodeName, { kubeconfig, bootstrapKubeconfig }, { ...deps, store }, signal);
    if (signal.aborted) return undefined;
  }
  const own = loadClientConfig({ path: kubeconfig });
  if (!rotateCertificates) return closer.add(clientOf(own, config, nodeName, deps));
  return openRenewed(own, store, config, nodeName, deps, closer);
}

function openRenewed(
  own: ClientConfig,
  store: CertificateStore,
  config: ClientSettings,
  nodeName: string,
  deps: CertificateDeps,
  closer: Closer,
): Client {
  let manager: CertificateManager | undefined;
  const current = (): CertificatePair | undefined => manager?.current;
  const client = closer.add(clientOf(withCurrentCertificate(own, current), config, nodeName, deps));
  const { observeFailure: onFailure } = clientCertificateMetrics(deps.metrics, deps.clock, current);
  manager = clientCertificateManager(nodeName, own, client, { ...deps, store, onFailure });
  closer.add(running(manager));
  return client;
}

function clientOf(config: ClientConfig, settings: ClientSettings, nodeName: string, deps: CertificateDeps): Client {
  return createClient(config, {
    userAgent: `kubelet/${kubeletVersion} (linux) tskube/${nodeName}`,
    qps: settings.kubeApiQps,
    burst: settings.kubeApiBurst,
    clock: deps.clock,
    logger: deps.logger,
  });
}

type ServingSettings = Pick<KubeletConfig, "certDir" | "nodeIp" | "rootDir" | "rotateServerCertificates">;

/** The certificate to serve with: `given`, and with `rotateServerCertificates` what the cluster's signer issues, from then on renewed until `closer` closes. */
export function openIssuedServing(
  config: ServingSettings,
  nodeName: string,
  given: TlsSource,
  client: Client,
  deps: CertificateDeps,
  closer: Closer,
): TlsSource {
  if (!config.rotateServerCertificates) return given;
  const store = storeOf(config, "kubelet-server");
  const addresses = config.nodeIp.length > 0 ? config.nodeIp : hostAddresses().slice(0, 1);
  const tls = new IssuedServingTls(given, store.current());
  let last = store.current();
  const metrics = servingCertificateMetrics(deps.metrics, deps.clock, () => last);
  const manager = new CertificateManager(nodeServingCertificate(nodeName, [nodeName, ...addresses]), {
    ...deps,
    client,
    store,
    onFailure: metrics.observeFailure,
    onRenewed(pair) {
      metrics.observeRenewal(last);
      last = pair;
      tls.use(pair);
    },
  });
  closer.add(running(manager));
  return tls;
}

function storeOf({ certDir, rootDir }: Pick<KubeletConfig, "certDir" | "rootDir">, name: string): CertificateStore {
  return certificateStore(certDir ?? join(rootDir, "pki"), name);
}

/** A manager at work; closing it ends that. */
function running(manager: CertificateManager): { close(): Promise<void> } {
  const stopping = new AbortController();
  const done = manager.run(stopping.signal);
  return {
    async close() {
      stopping.abort();
      await done;
    },
  };
}

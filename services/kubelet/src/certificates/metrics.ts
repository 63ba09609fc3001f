import { type Clock, Counter, Gauge, Histogram, type MetricsRegistry } from "@tskube/base";
import type { CertificatePair } from "./certificate-store.ts";

const ageBuckets = [60, 3_600, 14_400, 21_600, 43_200, 86_400, 345_600, 604_800, 2_592_000, 7_776_000, 15_552_000];

export interface ServingMetrics {
  observeRenewal(replaced: CertificatePair | undefined): void;
  observeFailure(): void;
}

/** How long the client certificate is still good, and how often renewing it failed. */
export function clientCertificateMetrics(
  registry: MetricsRegistry,
  clock: Clock,
  current: () => CertificatePair | undefined,
): { observeFailure(): void } {
  registerTtl(registry, "client", "client", clock, current);
  const failures = new Counter({
    name: "kubelet_certificate_manager_client_expiration_renew_errors",
    help: "Counter of certificate renewal errors.",
    registers: [registry],
  });
  return { observeFailure: () => failures.inc() };
}

/** The same for the serving certificate, and how old certificates are when they are replaced. */
export function servingCertificateMetrics(
  registry: MetricsRegistry,
  clock: Clock,
  current: () => CertificatePair | undefined,
): ServingMetrics {
  registerTtl(registry, "server", "serving", clock, current);
  const failures = new Counter({
    name: "kubelet_server_expiration_renew_errors",
    help: "Counter of certificate renewal errors.",
    registers: [registry],
  });
  const ages = new Histogram({
    name: "kubelet_certificate_manager_server_rotation_seconds",
    help: "Histogram of the number of seconds the previous certificate lived before being rotated.",
    buckets: ageBuckets,
    registers: [registry],
  });
  return {
    observeFailure: () => failures.inc(),
    observeRenewal(replaced) {
      if (replaced) ages.observe((clock.now() - replaced.notBeforeMs) / 1000);
    },
  };
}

function registerTtl(
  registry: MetricsRegistry,
  name: string,
  what: string,
  clock: Clock,
  current: () => CertificatePair | undefined,
): void {
  new Gauge({
    name: `kubelet_certificate_manager_${name}_ttl_seconds`,
    help: `Gauge of the TTL (time-to-live) of the Kubelet's ${what} certificate. The value is in seconds until certificate expiry (negative if already expired). If ${what} certificate is invalid or unused, the value will be +INF.`,
    registers: [registry],
    collect() {
      const pair = current();
      this.set(pair ? (pair.notAfterMs - clock.now()) / 1000 : Number.POSITIVE_INFINITY);
    },
  });
}

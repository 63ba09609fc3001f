import { Counter, Gauge, Histogram, type MetricsRegistry } from "@tskube/base";

/** Upstream kube-proxy's metrics (pkg/proxy/metrics). */
export interface ProxyMetrics {
  readonly syncFailures: Counter;
  observeSync(seconds: number, nowMs: number): void;
  /** Milliseconds since the epoch of the last good sync; undefined before the first. */
  readonly lastSyncMs: number | undefined;
}

export function createProxyMetrics(registry: MetricsRegistry): ProxyMetrics {
  const registers = [registry];
  const duration = new Histogram({
    name: "kubeproxy_sync_proxy_rules_duration_seconds",
    help: "SyncProxyRules latency in seconds",
    buckets: [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1, 2, 4, 8, 16],
    registers,
  });
  const lastSync = new Gauge({
    name: "kubeproxy_sync_proxy_rules_last_timestamp_seconds",
    help: "The last time proxy rules were successfully synced",
    registers,
  });
  const syncFailures = new Counter({
    name: "kubeproxy_sync_proxy_rules_failures_total",
    help: "Failed syncs of proxy rules",
    registers,
  });
  let lastSyncMs: number | undefined;
  return {
    syncFailures,
    observeSync(seconds, nowMs) {
      duration.observe(seconds);
      lastSync.set(nowMs / 1000);
      lastSyncMs = nowMs;
    },
    get lastSyncMs() {
      return lastSyncMs;
    },
  };
}

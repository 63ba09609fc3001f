import { createHash } from "node:crypto";
import { Counter, Gauge, type MetricsRegistry } from "@tskube/base";

export interface ReloadMetrics {
  onReload(text: string, succeeded: boolean, nowMs: number): void;
  /** Tells what text is in use. */
  onLoaded(text: string): void;
}

/** How changes of a configuration file fared, under upstream's names. */
export function reloadMetrics(what: "authentication" | "authorization", registry: MetricsRegistry): ReloadMetrics {
  const prefix = `apiserver_${what}_config_controller`;
  const reloads = new Counter({
    name: `${prefix}_automatic_reloads_total`,
    help: `Total number of automatic reloads of ${what} configuration split by status and apiserver identity.`,
    labelNames: ["status"],
    registers: [registry],
  });
  const reloadedAt = new Gauge({
    name: `${prefix}_automatic_reload_last_timestamp_seconds`,
    help: `Timestamp of the last automatic reload of ${what} configuration split by status and apiserver identity.`,
    labelNames: ["status"],
    registers: [registry],
  });
  const info = new Gauge({
    name: `${prefix}_last_config_info`,
    help: `Information about the last applied ${what} configuration with hash as label, split by apiserver identity.`,
    labelNames: ["hash"],
    registers: [registry],
  });
  const onLoaded = (text: string) => {
    info.reset();
    info.set({ hash: `sha256:${createHash("sha256").update(text).digest("hex")}` }, 1);
  };
  return {
    onReload(text, succeeded, nowMs) {
      const status = succeeded ? "success" : "failure";
      reloads.inc({ status });
      reloadedAt.set({ status }, nowMs / 1000);
      if (succeeded) onLoaded(text);
    },
    onLoaded,
  };
}

import { createHash } from "node:crypto";
import { Counter, Gauge, type MetricsRegistry } from "@tskube/base";
import type { OnTransformed } from "./prefixed.ts";

export interface EncryptionMetrics {
  readonly onTransformed: (resource: string) => OnTransformed;
  onReload(succeeded: boolean, nowMs: number): void;
  /** Tells which text of the configuration is in use. */
  onLoaded(text: string): void;
}

/** Counts what is sealed and opened, and how changes of the configuration fared. */
export function encryptionMetrics(registry: MetricsRegistry): EncryptionMetrics {
  const transformed = new Counter({
    name: "apiserver_storage_transformation_operations_total",
    help: "Total number of transformations. Successful transformation will have a status 'OK' and a varied status string when the transformation fails. The status, resource, and transformation_type fields can be used for alerting purposes. For example, you can monitor for encryption/decryption failures using the transformation_type (e.g., from_storage for decryption and to_storage for encryption). Additionally, these fields can be used to ensure that the correct transformers are applied to each resource.",
    labelNames: ["resource", "transformation_type", "transformer_prefix", "status"],
    registers: [registry],
  });
  const reloads = new Counter({
    name: "apiserver_encryption_config_controller_automatic_reloads_total",
    help: "Total number of reload successes and failures of encryption configuration split by apiserver identity.",
    labelNames: ["status"],
    registers: [registry],
  });
  const reloadedAt = new Gauge({
    name: "apiserver_encryption_config_controller_automatic_reload_last_timestamp_seconds",
    help: "Timestamp of the last successful or failed automatic reload of encryption configuration split by apiserver identity.",
    labelNames: ["status"],
    registers: [registry],
  });
  const info = new Gauge({
    name: "apiserver_encryption_config_controller_automatic_reload_last_config_info",
    help: "Information about the last applied encryption configuration with hash as label, split by apiserver identity.",
    labelNames: ["hash"],
    registers: [registry],
  });
  return {
    onTransformed: (resource) => (type, prefix, error) =>
      transformed.inc({
        resource,
        transformation_type: type,
        transformer_prefix: prefix || "identity",
        status: error === undefined ? "OK" : "Unknown",
      }),
    onReload(succeeded, nowMs) {
      const status = succeeded ? "success" : "failure";
      reloads.inc({ status });
      reloadedAt.set({ status }, nowMs / 1000);
    },
    onLoaded(text) {
      info.reset();
      info.set({ hash: `sha256:${createHash("sha256").update(text).digest("hex")}` }, 1);
    },
  };
}

import { errorMessage, type Logger } from "@tskube/base";
import type { Backend, RecordedEvent } from "../backend.ts";
import { legacyText } from "../legacy-text.ts";
import type { AuditMetrics } from "../metrics.ts";
import type { Sink } from "./sink.ts";

export const logFormats = ["json", "legacy"] as const;
export type LogFormat = (typeof logFormats)[number];

/** Writes events as lines: `--audit-log-path`. */
export function logBackend(
  sink: Sink,
  format: LogFormat,
  { metrics, logger }: { readonly metrics: AuditMetrics; readonly logger: Logger },
): Backend {
  const lineOf =
    format === "json"
      ? ({ json }: RecordedEvent) => `${json}\n`
      : ({ event }: RecordedEvent) => `${legacyText(event)}\n`;
  return {
    async process(events) {
      try {
        await sink.write(events.map(lineOf).join(""));
        return true;
      } catch (error) {
        metrics.observeLost("log", events.length);
        logger.error({ events: events.length, reason: errorMessage(error) }, "cannot write audit events");
        return false;
      }
    },
    close: () => sink.close(),
  };
}

export { type BackoffOptions, backoffMs } from "./backoff.ts";
export { type Clock, sleep, systemClock } from "./clock.ts";
export { aborted, type Closable, Closer } from "./closing.ts";
export { errorMessage, systemErrorCode } from "./errors.ts";
export { ExpiringCache } from "./expiring-cache.ts";
export { Heap } from "./heap.ts";
export { createLogger, type Logger, type LoggerOptions, type LogLevel, logLevels, silentLogger } from "./logger.ts";
export { Counter, createMetrics, Gauge, Histogram, MetricsRegistry } from "./metrics.ts";

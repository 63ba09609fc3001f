export { type CriClient, type CriClientOptions, createCriClient, socketTarget } from "./client/create-client.ts";
export { type CriTimeouts, defaultCriTimeouts } from "./client/timeouts.ts";
export {
  type CriCode,
  CriError,
  failedPrecondition,
  hasCriCode,
  invalidArgument,
  isNotFound,
  isUnimplemented,
  notFound,
  unimplemented,
} from "./error.ts";
export { createEventHub, type EventHub } from "./event-hub.ts";
export { hasLabels, matchesContainer, matchesSandbox } from "./filters.ts";
export { newId } from "./id.ts";
export { formatImageRef, type ImageRef, normalizeImageRef, parseImageRef } from "./image-ref.ts";
export { formatLogEntry, formatLogTime, type LogStream } from "./log-format.ts";
export type {
  CallOptions,
  ExecOptions,
  ExecSyncResult,
  ImageService,
  ReadOptions,
  RuntimeService,
} from "./runtime.ts";
export { type CriServer, type ExtraService, serveCri } from "./server/serve.ts";
export { nowNanos, toMillis, toNanos } from "./time.ts";
export * from "./types.ts";

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
export type {
  CallOptions,
  ExecOptions,
  ExecSyncResult,
  ImageService,
  ReadOptions,
  RuntimeService,
} from "./runtime.ts";
export { type CriServer, type ExtraService, serveCri } from "./server/serve.ts";
export * from "./types.ts";

export { type Indexer, type Indexers, standardIndexers } from "./cache/indexers.ts";
export {
  createInformer,
  type Informer,
  type InformerDeps,
  type InformerHandler,
  type InformerOptions,
} from "./cache/informer.ts";
export {
  createInformers,
  type InformerScope,
  type Informers,
  type InformersDeps,
  type InformersOptions,
  type Listers,
  withoutManagedFields,
} from "./cache/informers.ts";
export type { LabelMatcher, Lister, NamespaceLister } from "./cache/lister.ts";
export { ObjectStore } from "./cache/object-store.ts";
export {
  type ReflectorDeps,
  type ReflectorOptions,
  type ReflectorSink,
  runReflector,
  type Selection,
} from "./cache/reflector.ts";
export { type Client, type ClientOptions, clientOver, createClient, type KindClients } from "./client.ts";
export type { ClientConfig } from "./config/client-config.ts";
export { type Kubeconfig, mergeKubeconfigs, parseKubeconfig } from "./config/kubeconfig.ts";
export { inClusterConfig, type LoadOptions, loadClientConfig } from "./config/load.ts";
export { resolveKubeconfig } from "./config/resolve.ts";
export { type AccessQuestion, AccessReviews } from "./delegated/access-reviews.ts";
export type { PathVerdict } from "./delegated/authorize-path.ts";
export { type DelegationConfig, openPathAuthorizer } from "./delegated/open-path-authorizer.ts";
export { anonymous, bearerToken, certificateUser, type Requester, TokenReviews } from "./delegated/requester.ts";
export { type Announcement, type EventSourceInfo, type EventType, referenceTo } from "./events/event.ts";
export {
  type EventRecorder,
  type RecorderOptions,
  type RunningRecorder,
  silentRecorder,
  startEventRecorder,
} from "./events/recorder.ts";
export { type KindName, type KindTypes, kindNames, kinds, type ObjectOf, type PluralOf } from "./kinds.ts";
export { LeadershipLost, type LeadOptions, lead } from "./leases/lead.ts";
export { joinKey, objectKey, splitKey } from "./object-key.ts";
export { type RateLimiter, tokenBucket, unlimited } from "./rest/rate-limiter.ts";
export { apiVersionOf, type Query, type ResourceInfo, resourcePath } from "./rest/resource.ts";
export type {
  CallOptions,
  DeleteOptions,
  Draft,
  ListOptions,
  ObjectList,
  PatchOptions,
  PatchType,
  ResourceClient,
  SubresourceClient,
  WriteOptions,
} from "./rest/resource-client.ts";
export type { RestClient, RestRequest } from "./rest/rest-client.ts";
export { type RetryOptions, retryOnConflict } from "./rest/retry.ts";
export { httpsTransport, type TlsMaterial } from "./transport/https.ts";
export {
  over,
  readBody,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from "./transport/transport.ts";
export { initialEventsEndAnnotation, isInitialEventsEnd, type WatchEvent, type WatchOptions } from "./watch/watch.ts";
export * from "./workqueue/index.ts";

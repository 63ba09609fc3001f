/** The container runtime interface, `runtime.v1`. */
export * as cri from "./runtime/v1/api.ts";
/** The gRPC health checking protocol, `grpc.health.v1`. */
export * as health from "./grpc/health/v1/health.ts";
/** Importing images into a node's runtime, `tskube.images.v1`. */
export * as images from "./tskube/images/v1/images.ts";
/** What KMS plugins serve, `v2`. */
export * as kms from "./kms/v2/api.ts";
/** How values sealed by a KMS plugin's key are stored. */
export * as kmsStorage from "./kms/storage/encrypted-object.ts";

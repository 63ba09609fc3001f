import { isAbsolute, resolve } from "node:path";
import { type ChannelOptions, credentials } from "@grpc/grpc-js";
import { cri } from "@tskube/proto-gen";
import type { ImageService, RuntimeService } from "../runtime.ts";
import { createImageClient } from "./image-client.ts";
import { createRuntimeClient } from "./runtime-client.ts";
import { type CriTimeouts, defaultCriTimeouts } from "./timeouts.ts";

export interface CriClientOptions {
  readonly timeouts?: Partial<CriTimeouts>;
}

/** Both services of one runtime. */
export interface CriClient {
  readonly runtime: RuntimeService;
  readonly images: ImageService;
  /** Ends the connection; calls under way fail. */
  close(): void;
}

/** An ExecSync answer holds up to 16 MiB of each stream. */
const maxMessageBytes = 33 * 1024 * 1024;

const channelOptions: ChannelOptions = {
  "grpc.max_receive_message_length": maxMessageBytes,
  "grpc.max_send_message_length": maxMessageBytes,
  // A restarted runtime is back within a second; the default would wait up to two minutes between attempts.
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 3_000,
  // Node's proxy variables do not concern a unix socket.
  "grpc.enable_http_proxy": 0,
};

/**
 * A client of the runtime that listens at `socketPath` (a path, or a `unix://` URL as in kubelet's configuration). Connects on the first call and
 * again after the runtime went away; while it is away calls fail with UNAVAILABLE.
 */
export function createCriClient(socketPath: string, options: CriClientOptions = {}): CriClient {
  const timeouts = { ...defaultCriTimeouts, ...options.timeouts };
  const target = socketTarget(socketPath);
  const runtimeChannel = new cri.RuntimeServiceClient(target, credentials.createInsecure(), channelOptions);
  const imageChannel = new cri.ImageServiceClient(target, credentials.createInsecure(), channelOptions);
  return {
    runtime: createRuntimeClient(runtimeChannel, timeouts),
    images: createImageClient(imageChannel, timeouts),
    close() {
      runtimeChannel.close();
      imageChannel.close();
    },
  };
}

/** The gRPC target of a socket path or `unix://` URL. */
export function socketTarget(socketPath: string): string {
  const path = socketPath.replace(/^unix:(\/\/)?/, "");
  return `unix://${isAbsolute(path) ? path : resolve(path)}`;
}

import { chmod, rm } from "node:fs/promises";
import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { cri } from "@tskube/proto-gen";
import { socketTarget } from "../client/create-client.ts";
import { CriError } from "../error.ts";
import type { ImageService, RuntimeService } from "../runtime.ts";
import { imageHandlers } from "./image-handlers.ts";
import { runtimeHandlers } from "./runtime-handlers.ts";

/** A further service on the same socket. */
export interface ExtraService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

export interface CriServer {
  /** Stops taking calls, waits a moment for those under way, then cuts them, and removes the socket. Safe to call twice. */
  close(): Promise<void>;
}

const maxMessageBytes = 33 * 1024 * 1024;
const drainMs = 1_000;
/** Linux' limit for the name of a unix socket, without its final zero. */
const maxSocketPathBytes = 107;

/** Serves a runtime as CRI v1 on a unix socket that only its owner may use. A socket left over by a dead server is replaced. */
export async function serveCri(
  socketPath: string,
  runtime: RuntimeService,
  images: ImageService,
  extras: readonly ExtraService[] = [],
): Promise<CriServer> {
  const path = socketTarget(socketPath).slice("unix://".length);
  if (Buffer.byteLength(path) > maxSocketPathBytes) {
    throw new CriError("INVALID_ARGUMENT", `socket path ${path} is longer than ${maxSocketPathBytes} bytes`);
  }
  const server = new Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
  });
  server.addService(cri.RuntimeServiceService, runtimeHandlers(runtime));
  server.addService(cri.ImageServiceService, imageHandlers(images));
  for (const { definition, implementation } of extras) server.addService(definition, implementation);
  await rm(path, { force: true });
  await bind(server, path);
  await chmod(path, 0o600);
  return { close: () => shutDown(server, path) };
}

function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`unix://${path}`, ServerCredentials.createInsecure(), (error) => {
      if (error) reject(new Error(`cannot listen on ${path}`, { cause: error }));
      else resolve();
    });
  });
}

function shutDown(server: Server, path: string): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.forceShutdown(), drainMs);
    server.tryShutdown(() => {
      clearTimeout(cut);
      rm(path, { force: true }).then(resolve, resolve);
    });
  });
}

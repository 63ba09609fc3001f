import { type Clock, sleep } from "@tskube/base";
import { noop } from "cockatiel";
import { Etcd3 } from "etcd3";
import { isStoreError } from "../../errors.ts";
import { type CallKind, fromEtcdError } from "./errors.ts";

export interface EtcdTls {
  readonly ca: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

export interface EtcdClientOptions {
  /** `http://host:port` or `https://host:port` of one or more members. */
  readonly endpoints: readonly string[];
  readonly tls?: EtcdTls;
  readonly username?: string;
  readonly password?: string;
  /** How long a request may take, with its retries. */
  readonly requestTimeoutMs: number;
}

const retryDelayMs = 50;

/** The etcd3 client with the store's own rules for failures. */
export interface EtcdClient {
  readonly etcd: Etcd3;
  /**
   * Calls `request` with the options to pass on. What is certain not to have been carried out is tried again, on
   * another member where there is one, within the request's time; a write whose fate is unknown is not.
   */
  call<T>(kind: CallKind, request: (options: { deadline: number }) => Promise<T>): Promise<T>;
  close(): void;
}

export function createEtcdClient(options: EtcdClientOptions, clock: Clock): EtcdClient {
  const etcd = new Etcd3({
    hosts: [...options.endpoints],
    ...(options.tls && { credentials: credentialsOf(options.tls) }),
    ...(options.username !== undefined && { auth: { username: options.username, password: options.password ?? "" } }),
    grpcOptions: {
      // A peer that vanished without a word is noticed within the sum of these.
      "grpc.keepalive_time_ms": 30_000,
      "grpc.keepalive_timeout_ms": 10_000,
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
      "grpc.initial_reconnect_backoff_ms": 100,
      "grpc.min_reconnect_backoff_ms": 100,
      "grpc.max_reconnect_backoff_ms": 3_000,
    },
    // The package's own policies repeat writes that may have happened, and shut a member out for seconds after a restart.
    faultHandling: { global: noop, host: () => noop },
  });
  return {
    etcd,
    async call(kind, request) {
      const deadline = clock.now() + options.requestTimeoutMs;
      for (;;) {
        try {
          return await request({ deadline });
        } catch (error) {
          const failure = fromEtcdError(error, kind);
          const isHopeless = !isStoreError(failure, "unavailable") || failure.maybeApplied;
          if (isHopeless || clock.now() + retryDelayMs >= deadline) throw failure;
          await sleep(clock, retryDelayMs);
        }
      }
    },
    close: () => etcd.close(),
  };
}

function credentialsOf(tls: EtcdTls): { rootCertificate: Buffer; privateKey?: Buffer; certChain?: Buffer } {
  return {
    rootCertificate: tls.ca,
    ...(tls.key && { privateKey: tls.key }),
    ...(tls.cert && { certChain: tls.cert }),
  };
}

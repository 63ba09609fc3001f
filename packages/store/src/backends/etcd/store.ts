import { type Clock, type Logger, silentLogger, systemClock } from "@tskube/base";
import { compacted, futureRevision, isStoreError, StoreError } from "../../errors.ts";
import { isEmptyRange, keyBounds } from "../../keys.ts";
import { checkTxn } from "../../limits.ts";
import type {
  GetResult,
  RangeRequest,
  RangeResult,
  ReadOptions,
  Store,
  TxnRequest,
  TxnResult,
  Watch,
  WatchRequest,
} from "../../store.ts";
import { WatchHub } from "../../watch/hub.ts";
import { defaultWatchLimits, type History, watchHub } from "../../watch/hub-watch.ts";
import type { SubscriptionLimits } from "../../watch/subscription.ts";
import { createEtcdClient, type EtcdClient, type EtcdTls } from "./client.ts";
import { toItem } from "./convert.ts";
import { runFeed } from "./feed.ts";
import { Leases } from "./leases.ts";
import { toRangeRequest, toRangeResult, toTxnRequest, toTxnResult } from "./requests.ts";
import { SharedRead } from "./shared-read.ts";
import { streamHistory } from "./stream-history.ts";

export interface EtcdStoreOptions {
  /** `http://host:port` or `https://host:port` of one or more members of one cluster. */
  readonly endpoints: readonly string[];
  readonly tls?: EtcdTls;
  readonly username?: string;
  readonly password?: string;
  /** How long a request may take, with its retries; 10 s when absent. */
  readonly requestTimeoutMs?: number;
  readonly watchLimits?: SubscriptionLimits;
}

export interface EtcdStoreDeps {
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** A store on an etcd cluster of version 3.4 or later. Needs no member to be up yet: requests fail until one is. */
export function openEtcdStore(options: EtcdStoreOptions, deps: EtcdStoreDeps = {}): Store {
  return new EtcdStore(options, deps);
}

class EtcdStore implements Store {
  readonly #client: EtcdClient;
  readonly #hub = new WatchHub();
  readonly #leases: Leases;
  readonly #history: History;
  readonly #limits: SubscriptionLimits;
  readonly #revision: SharedRead<number>;
  readonly #closing = new AbortController();
  readonly #feed: Promise<void>;

  constructor(options: EtcdStoreOptions, { clock = systemClock, logger = silentLogger }: EtcdStoreDeps) {
    this.#client = createEtcdClient({ requestTimeoutMs: 10_000, ...options }, clock);
    this.#leases = new Leases(this.#client, clock);
    this.#history = streamHistory(this.#client.etcd, clock);
    this.#limits = options.watchLimits ?? defaultWatchLimits;
    this.#revision = new SharedRead(() => this.#readRevision());
    const currentRevision = () => this.currentRevision();
    this.#feed = runFeed(
      { etcd: this.#client.etcd, hub: this.#hub, clock, logger, currentRevision },
      this.#closing.signal,
    );
  }

  async currentRevision(): Promise<number> {
    this.#checkOpen();
    return this.#revision.read();
  }

  async get(key: string, options: ReadOptions = {}): Promise<GetResult> {
    const response = await this.#kv("read", options.revision, (call) =>
      this.#client.etcd.kv.range(
        { key: Buffer.from(key), ...(options.revision !== undefined && { revision: options.revision }) },
        call,
      ),
    );
    const kv = response.kvs[0];
    return { item: kv && toItem(kv), revision: Number(response.header.revision) };
  }

  async range(request: RangeRequest): Promise<RangeResult> {
    if (isEmptyRange(keyBounds(request))) {
      return { items: [], revision: await this.currentRevision(), more: false, remaining: 0 };
    }
    const { kv } = this.#client.etcd;
    return toRangeResult(await this.#kv("read", request.revision, (call) => kv.range(toRangeRequest(request), call)));
  }

  async txn(request: TxnRequest): Promise<TxnResult> {
    this.#checkOpen();
    checkTxn(request);
    const hasTtl = request.writes.some((write) => write.type === "put" && write.ttlSeconds !== undefined);
    if (!hasTtl) return this.#sendTxn(request, new Map());
    try {
      return await this.#sendTxn(request, await this.#leasesFor(request));
    } catch (error) {
      if (!isStoreError(error) || !/lease/.test(error.message)) throw error;
      this.#leases.clear();
      return this.#sendTxn(request, await this.#leasesFor(request));
    }
  }

  watch(request: WatchRequest, signal: AbortSignal): Watch {
    return watchHub({ hub: this.#hub, history: this.#history, limits: this.#limits }, request, signal);
  }

  async compact(revision: number): Promise<void> {
    try {
      await this.#kv("read", revision, (call) => this.#client.etcd.kv.compact({ revision }, call));
    } catch (error) {
      if (!isStoreError(error, "compacted")) throw error;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#hub.fail(closedError());
    this.#client.close();
    await this.#feed;
  }

  async #sendTxn(request: TxnRequest, leases: ReadonlyMap<string, string>): Promise<TxnResult> {
    const { kv } = this.#client.etcd;
    return toTxnResult(await this.#kv("write", undefined, (call) => kv.txn(toTxnRequest(request, leases), call)));
  }

  async #leasesFor(request: TxnRequest): Promise<ReadonlyMap<string, string>> {
    const leases = new Map<string, string>();
    for (const write of request.writes) {
      if (write.type !== "put" || write.ttlSeconds === undefined) continue;
      leases.set(write.key, await this.#leases.leaseFor(write.ttlSeconds));
    }
    return leases;
  }

  async #readRevision(): Promise<number> {
    const absent = { key: Buffer.from("/"), count_only: true };
    const response = await this.#client.call("read", (call) => this.#client.etcd.kv.range(absent, call));
    return Number(response.header.revision);
  }

  /** Calls etcd; failures about the revision that was asked for tell it. */
  async #kv<T>(
    kind: "read" | "write",
    revision: number | undefined,
    request: (call: { deadline: number }) => Promise<T>,
  ): Promise<T> {
    this.#checkOpen();
    try {
      return await this.#client.call(kind, request);
    } catch (error) {
      if (revision === undefined || !isStoreError(error)) throw error;
      if (error.code === "compacted") throw compacted(revision, 0);
      if (error.code === "futureRevision") throw futureRevision(revision, this.#hub.revision);
      throw error;
    }
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw closedError();
  }
}

function closedError(): StoreError {
  return new StoreError("closed", "store is closed");
}

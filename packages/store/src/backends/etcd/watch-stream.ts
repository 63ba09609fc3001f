import { InterceptingCall, type Interceptor } from "@grpc/grpc-js";
import type { Etcd3, IWatchRequest, IWatchResponse } from "etcd3";
import { compacted, StoreError } from "../../errors.ts";
import type { StoreEvent } from "../../store.ts";
import { toEvent } from "./convert.ts";
import { fromEtcdError } from "./errors.ts";

/** The part of a gRPC stream that is used here: etcd3's type leaves `cancel` and `destroy` out. */
interface WatchRpcStream extends AsyncIterable<IWatchResponse> {
  write(request: IWatchRequest): void;
  cancel(): void;
}

const allKeys = Buffer.from([0]);

/**
 * The changes of all keys from `fromRevision` on over one connection: each batch has whole revisions, in order. Ends
 * when `signal` aborts; fails with `compacted`, or with what broke the connection.
 *
 * All keys, so that every revision shows itself: a batch's last revision is then known to be complete, which etcd's own
 * progress notifications are not trusted to say (before 3.4.25 and 3.5.8 they could overtake events), and a store's
 * members feel one watch, however many there are on top of it.
 */
export async function* watchStream(
  etcd: Etcd3,
  fromRevision: number,
  signal: AbortSignal,
): AsyncGenerator<StoreEvent[]> {
  const stream = await openStream(etcd, fromRevision);
  const cancel = () => stream.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    yield* readRevisions(stream, fromRevision);
    if (!signal.aborted) throw new StoreError("unavailable", "etcd: watch stream ended");
  } catch (error) {
    if (!signal.aborted) throw fromEtcdError(error, "read");
  } finally {
    signal.removeEventListener("abort", cancel);
    stream.cancel();
  }
}

async function openStream(etcd: Etcd3, fromRevision: number): Promise<WatchRpcStream> {
  const stream = (await etcd.watchClient.watch({ interceptors: [requireLeader] })) as unknown as WatchRpcStream;
  // From one before: etcd allows a watch at the compacted revision itself, whose deletions may be gone already.
  const start = Math.max(1, fromRevision - 1);
  stream.write({
    create_request: { key: allKeys, range_end: allKeys, start_revision: start, prev_kv: true, fragment: true },
  });
  return stream;
}

async function* readRevisions(
  stream: AsyncIterable<IWatchResponse>,
  fromRevision: number,
): AsyncGenerator<StoreEvent[]> {
  let held: StoreEvent[] = [];
  for await (const response of stream) {
    if (Number(response.compact_revision) > 0) throw compacted(fromRevision, Number(response.compact_revision));
    if (response.canceled) throw new StoreError("unavailable", `etcd: watch canceled: ${response.cancel_reason}`);
    for (const event of response.events) {
      if (Number(event.kv.mod_revision) >= fromRevision) held.push(toEvent(event));
    }
    if (response.fragment || held.length === 0) continue; // the rest of its last revision is still to come
    yield held;
    held = [];
  }
}

/** Asks a member to end the stream when it loses its leader, rather than to keep silent. */
const requireLeader: Interceptor = (options, nextCall) =>
  new InterceptingCall(nextCall(options), {
    start(metadata, listener, next) {
      metadata.set("hasleader", "true");
      next(metadata, listener);
    },
  });

import type { IRangeRequest, IRangeResponse, IRequestOp, ITxnRequest, ITxnResponse } from "etcd3";
import { keyBounds } from "../../keys.ts";
import type { Item, RangeRequest, RangeResult, TxnRequest, TxnResult, WriteOperation } from "../../store.ts";
import { rangeFields, toItem } from "./convert.ts";

export function toRangeRequest(request: RangeRequest): IRangeRequest {
  return {
    ...rangeFields(keyBounds(request)),
    ...(request.revision !== undefined && { revision: request.revision }),
    ...(request.limit && !request.countOnly && { limit: request.limit }),
    ...(request.keysOnly && { keys_only: true }),
    ...(request.countOnly && { count_only: true }),
  };
}

export function toRangeResult(response: IRangeResponse): RangeResult {
  const items = response.kvs.map(toItem);
  const revision = Number(response.header.revision);
  return { items, revision, more: response.more, remaining: Number(response.count) - items.length };
}

/** `leases` has the lease of each put with a time to live, by key. */
export function toTxnRequest(request: TxnRequest, leases: ReadonlyMap<string, string>): ITxnRequest {
  return {
    compare: request.conditions.map(({ key, modRevision }) => ({
      key: Buffer.from(key),
      target: "Mod",
      result: "Equal",
      mod_revision: modRevision,
    })),
    success: request.writes.map((write) => toRequestOp(write, leases)),
    failure: request.conditions.map(({ key }) => ({ request_range: { key: Buffer.from(key) } })),
  };
}

function toRequestOp(write: WriteOperation, leases: ReadonlyMap<string, string>): IRequestOp {
  const key = Buffer.from(write.key);
  if (write.type === "delete") return { request_delete_range: { key } };
  const { buffer, byteOffset, byteLength } = write.value;
  const lease = leases.get(write.key);
  return { request_put: { key, value: Buffer.from(buffer, byteOffset, byteLength), ...(lease && { lease }) } };
}

export function toTxnResult(response: ITxnResponse): TxnResult {
  const revision = Number(response.header.revision);
  if (response.succeeded) return { succeeded: true, revision };
  const current = response.responses.map(({ response_range }): Item | undefined => {
    const kv = response_range.kvs[0];
    return kv && toItem(kv);
  });
  return { succeeded: false, revision, current };
}

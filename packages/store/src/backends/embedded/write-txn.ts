import type { TxnRequest, TxnResult, WriteOperation } from "../../store.ts";
import type { CommitJob } from "./committer.ts";
import type { WriteBatch } from "./write-batch.ts";

/** The job that carries out `request`. */
export function writeTxn(request: TxnRequest, nowMs: number): CommitJob<TxnResult> {
  return (batch) => {
    const holds = request.conditions.every(({ key, modRevision }) => (batch.state(key)?.revision ?? 0) === modRevision);
    if (!holds) {
      const current = request.conditions.map(({ key }) => batch.item(key));
      return { succeeded: false, revision: batch.revision, current };
    }
    const writes = request.writes.filter((write) => write.type === "put" || batch.state(write.key) !== undefined);
    if (writes.length > 0) {
      const revision = batch.nextRevision();
      for (const [index, write] of writes.entries()) apply(batch, write, { revision, index }, nowMs);
    }
    return { succeeded: true, revision: batch.revision };
  };
}

function apply(
  batch: WriteBatch,
  write: WriteOperation,
  { revision, index }: { revision: number; index: number },
  nowMs: number,
): void {
  if (write.type === "delete") {
    batch.change(write.key, index, undefined);
    return;
  }
  const before = batch.state(write.key);
  const state = {
    revision,
    index,
    createRevision: before?.createRevision ?? revision,
    version: (before?.version ?? 0) + 1,
    expiresAt: write.ttlSeconds === undefined ? 0 : nowMs + write.ttlSeconds * 1000,
  };
  const { buffer, byteOffset, byteLength } = write.value;
  batch.change(write.key, index, { state, value: Buffer.from(buffer, byteOffset, byteLength) });
}

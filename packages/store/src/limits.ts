import { StoreError } from "./errors.ts";
import type { TxnRequest } from "./store.ts";

/** As etcd by default (`--max-request-bytes`): what one transaction may carry. */
export const maxRequestBytes = 1.5 * 1024 * 1024;

/** LMDB stores a key with its revision in at most 1978 bytes. */
export const maxKeyBytes = 1900;

/** As etcd by default (`--max-txn-ops`). */
export const maxTxnWrites = 128;

/** Refuses a transaction that no backend takes. */
export function checkTxn(request: TxnRequest): void {
  if (request.writes.length > maxTxnWrites) {
    throw new StoreError(
      "tooLarge",
      `transaction has ${request.writes.length} writes, at most ${maxTxnWrites} are allowed`,
    );
  }
  const keys = new Set<string>();
  let bytes = 0;
  for (const write of request.writes) {
    checkKey(write.key);
    if (keys.has(write.key)) throw new StoreError("invalid", `transaction writes key ${write.key} twice`);
    keys.add(write.key);
    bytes += write.key.length + (write.type === "put" ? write.value.length : 0);
  }
  if (bytes > maxRequestBytes) {
    throw new StoreError("tooLarge", `request is too large: ${bytes} bytes, at most ${maxRequestBytes} are allowed`);
  }
}

function checkKey(key: string): void {
  if (key.length === 0 || key.includes("\0")) throw new StoreError("invalid", "a key must not be empty or contain NUL");
  if (key.length > maxKeyBytes || Buffer.byteLength(key) > maxKeyBytes) {
    throw new StoreError("tooLarge", `key has more than ${maxKeyBytes} bytes: ${key.slice(0, 100)}…`);
  }
}

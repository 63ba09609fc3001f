import { DecodeError } from "../json/errors.ts";

/** The bytes of a value that the schema does not describe. */
export function encodeRaw(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** The value of such bytes. What is not JSON is refused, since JSON could not answer it either. */
export function decodeRaw(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return value ?? undefined;
  } catch (cause) {
    throw new DecodeError("raw extension is not JSON", { cause });
  }
}

/** One value of DER, the encoding of certificates and requests for them. */
export interface DerValue {
  /** Class, form and number in one byte: 0x30 is a sequence. */
  readonly tag: number;
  readonly content: Buffer;
  /** With tag and length: what signatures are made over. */
  readonly whole: Buffer;
}

/** The bytes are not what they should be; the message is Go's. */
export class DerError extends Error {}

const truncated = () => new DerError("asn1: syntax error: data truncated");

/** The value that `bytes` are as a whole. */
export function readDer(bytes: Buffer): DerValue {
  const { value, next } = readAt(bytes, 0);
  if (next !== bytes.byteLength) throw new DerError("asn1: syntax error: trailing data");
  return value;
}

/** The values that a sequence or set is made of. */
export function partsOf({ content }: DerValue): DerValue[] {
  const parts: DerValue[] = [];
  for (let at = 0; at < content.byteLength; ) {
    const { value, next } = readAt(content, at);
    parts.push(value);
    at = next;
  }
  return parts;
}

/** `value` if it has the tag that is wanted there. */
export function expectTag(value: DerValue | undefined, tag: number): DerValue {
  if (!value) throw truncated();
  if (value.tag !== tag) throw new DerError(`asn1: structure error: tags don't match (${tag} vs ${value.tag})`);
  return value;
}

/** `1.2.840.113549.1.1.11` */
export function oidText({ content }: DerValue): string {
  const numbers: number[] = [];
  let number = 0;
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    numbers.push(number);
    number = 0;
  }
  const [first = 0, ...rest] = numbers;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest].join(".");
}

function readAt(bytes: Buffer, at: number): { readonly value: DerValue; readonly next: number } {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw truncated();
  // Long tags and lengths of more than four bytes stand in no certificate.
  if ((tag & 0x1f) === 0x1f) throw new DerError("asn1: structure error: long tag");
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthBytes > 4) throw new DerError("asn1: syntax error: invalid length");
  const start = at + 2 + lengthBytes;
  if (start > bytes.byteLength) throw truncated();
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
  const next = start + length;
  if (next > bytes.byteLength) throw truncated();
  return { value: { tag, content: bytes.subarray(start, next), whole: bytes.subarray(at, next) }, next };
}

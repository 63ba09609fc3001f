/** One block of PEM. */
export interface PemBlock {
  readonly type: string;
  readonly hasHeaders: boolean;
  readonly bytes: Buffer;
}

const block = /(?:^|\n)-----BEGIN ([^\n-]*)-----[ \t\r]*\n([^-]*)-----END \1-----/g;

/** The blocks of PEM in a text, in their order; what stands around them counts for nothing. */
export function* pemBlocks(text: string): Generator<PemBlock> {
  for (const [, type = "", inside = ""] of text.matchAll(block)) {
    const hasHeaders = inside.includes(":");
    const start = hasHeaders ? inside.search(/\r?\n\r?\n/) : 0;
    const base64 = inside.slice(start).replace(/\s/g, "");
    if (start >= 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(base64))
      yield { type, hasHeaders, bytes: Buffer.from(base64, "base64") };
  }
}

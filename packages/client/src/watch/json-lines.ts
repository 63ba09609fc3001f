const newline = 0x0a;

/** Longer than any object the API accepts, even escaped; a server that sends more is broken or hostile. */
export const defaultMaxLineBytes = 16 << 20;

/**
 * The values of a stream of JSON lines, however its chunks are cut (a chunk may end within a line or a character).
 * A last line without a newline was cut by the other side and is dropped: its event comes again after resuming.
 */
export async function* jsonLines(
  body: AsyncIterable<Uint8Array>,
  maxLineBytes = defaultMaxLineBytes,
): AsyncGenerator<unknown> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  for await (const chunk of body) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      const line = chunk.subarray(from, end);
      from = end + 1;
      const text =
        pendingBytes === 0 ? decode(line) : decode(Buffer.concat([...pending, line], pendingBytes + line.byteLength));
      pending = [];
      pendingBytes = 0;
      if (text.trim() !== "") yield JSON.parse(text);
    }
    const rest = chunk.subarray(from);
    if (rest.byteLength === 0) continue;
    pending.push(rest);
    pendingBytes += rest.byteLength;
    if (pendingBytes > maxLineBytes) throw new Error(`line is longer than ${maxLineBytes} bytes`);
  }
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

import { open } from "node:fs/promises";
import { parseCriLine } from "./cri-line.ts";

const blockBytes = 64 * 1024;
const newline = 0x0a;

/** The file position where its last `lines` lines begin; 0 when it has no more than that. */
export async function tailPosition(
  file: { read: ReadAt; stat(): Promise<{ size: number }> },
  lines: number,
): Promise<number> {
  const { size } = await file.stat();
  if (lines <= 0) return size;
  let seen = 0;
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - blockBytes);
    const { buffer } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
    for (let at = buffer.length - 1; at >= 0; at--) {
      // The newline that ends the file closes its last line and begins none.
      if (buffer[at] !== newline || start + at === size - 1) continue;
      seen++;
      if (seen === lines) return start + at + 1;
    }
    end = start;
  }
  return 0;
}

type ReadAt = (
  buffer: Buffer,
  offset: number,
  length: number,
  position: number,
) => Promise<{ buffer: Buffer; bytesRead: number }>;

/** The texts of the last lines of a log, at most `maxBytes` of them, without times and streams. */
export async function readLastLines(path: string, lines: number, maxBytes: number): Promise<string> {
  const file = await open(path, "r");
  try {
    const position = await tailPosition(file, lines);
    const { size } = await file.stat();
    const start = Math.max(position, size - maxBytes * 2);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(1, size - start)), 0, size - start, start);
    const text = textsOf(buffer.subarray(0, bytesRead));
    return text.subarray(Math.max(0, text.length - maxBytes)).toString("utf8");
  } finally {
    await file.close();
  }
}

function textsOf(data: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let start = 0; start < data.length; ) {
    const found = data.indexOf(newline, start);
    const end = found < 0 ? data.length : found;
    const line = parseCriLine(data.subarray(start, end));
    if (line) parts.push(line.text, line.isPartial ? Buffer.alloc(0) : Buffer.from("\n"));
    start = end + 1;
  }
  return Buffer.concat(parts);
}

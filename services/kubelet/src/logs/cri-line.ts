/** One line of a container's log file: `2030-01-01T00:00:00.000000001Z stdout F text`; `P` marks a part that the next line continues. */
export interface CriLine {
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  readonly isPartial: boolean;
  readonly text: Buffer;
}

const space = 0x20;

/** Reads a line without its newline; undefined for what is no log line, which happens after a crash in the middle of one. */
export function parseCriLine(line: Buffer): CriLine | undefined {
  const timeEnd = line.indexOf(space);
  const streamEnd = line.indexOf(space, timeEnd + 1);
  if (timeEnd <= 0 || streamEnd < 0) return undefined;
  const stream = line.toString("latin1", timeEnd + 1, streamEnd);
  if (stream !== "stdout" && stream !== "stderr") return undefined;
  const tagEnd = line.indexOf(space, streamEnd + 1);
  const tags = line.toString("latin1", streamEnd + 1, tagEnd < 0 ? line.length : tagEnd);
  return {
    time: line.toString("latin1", 0, timeEnd),
    stream,
    isPartial: tags.split(":")[0] === "P",
    text: tagEnd < 0 ? Buffer.alloc(0) : line.subarray(tagEnd + 1),
  };
}

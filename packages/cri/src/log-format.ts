export type LogStream = "stdout" | "stderr";

/**
 * One entry of a container log: `2030-01-01T00:00:00.000000000Z stdout F text`. `F` ends a line of the program, `P` is a part whose rest follows in
 * the next entry of the same stream.
 */
export function formatLogEntry(timestamp: string, stream: LogStream, isWhole: boolean, text: string): string {
  return `${timestamp} ${stream} ${isWhole ? "F" : "P"} ${text}\n`;
}

/** RFC 3339 with nine fractional digits, always UTC, as containerd writes; `ms` may have a fraction. */
export function formatLogTime(ms: number): string {
  const wholeMs = Math.floor(ms);
  const belowMs = Math.round((ms - wholeMs) * 1_000_000) % 1_000_000;
  return `${new Date(wholeMs).toISOString().slice(0, -1)}${String(belowMs).padStart(6, "0")}Z`;
}

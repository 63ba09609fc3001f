/** The channels of remotecommand's WebSocket protocol: each message starts with the number of its channel. */
export const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** The newest first; v5 adds closing one channel, which ends stdin while output goes on. */
export const subprotocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;

export function encodeFrame(to: number, data: Uint8Array | string): Uint8Array {
  return Buffer.concat([Uint8Array.of(to), Buffer.from(data as Uint8Array)]);
}

export interface Frame {
  readonly channel: number;
  readonly data: Uint8Array;
}

/** Nothing for an empty message, which carries no channel. */
export function decodeFrame(message: Uint8Array): Frame | undefined {
  const [from] = message;
  return from === undefined ? undefined : { channel: from, data: message.subarray(1) };
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export function encodeResize({ columns, rows }: TerminalSize): Uint8Array {
  return encodeFrame(channel.resize, JSON.stringify({ Width: columns, Height: rows }));
}

interface ExitStatus {
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

/** How a command ended, as the Status on the error channel says: its exit code, or why it could not be run. */
export function readExit(data: Uint8Array): { readonly exitCode: number } | { readonly failure: string } {
  const status = JSON.parse(Buffer.from(data).toString("utf8")) as ExitStatus;
  if (status.status === "Success") return { exitCode: 0 };
  const code = status.details?.causes?.find((cause) => cause.reason === "ExitCode")?.message;
  if (status.reason === "NonZeroExitCode" && code !== undefined) return { exitCode: Number(code) };
  return { failure: status.message ?? "the command could not be run" };
}

export { channel, decodeFrame, encodeFrame, type TerminalSize } from "./channels.ts";
export { type ExecOptions, type ExecSession, exec } from "./exec.ts";

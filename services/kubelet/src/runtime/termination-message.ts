import { open } from "node:fs/promises";
import type { ContainerStatus } from "@tskube/cri";
import { readLastLines } from "../logs/tail.ts";
import { terminationMessagePathAnnotation, terminationMessagePolicyAnnotation } from "./names.ts";

const maxMessageBytes = 4096;
const maxLogBytes = 2048;
const maxLogLines = 80;

/**
 * What a container left as its last words: the file that its spec names, or with FallbackToLogsOnError the end of its log when that file is
 * empty and the container failed. Empty when there is nothing to read.
 */
export async function terminationMessage(status: ContainerStatus): Promise<string> {
  const path = status.annotations[terminationMessagePathAnnotation];
  const hostPath = status.mounts.find((mount) => mount.containerPath === path)?.hostPath;
  const written = path && hostPath ? await readStart(hostPath) : "";
  if (written || status.annotations[terminationMessagePolicyAnnotation] !== "FallbackToLogsOnError") return written;
  if (status.exitCode === 0) return "";
  return readLastLines(status.logPath, maxLogLines, maxLogBytes).catch(() => "");
}

/** The file was writable by the container: never trust its length. */
async function readStart(path: string): Promise<string> {
  const file = await open(path, "r").catch(() => undefined);
  if (!file) return "";
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxMessageBytes), 0, maxMessageBytes, 0);
    return buffer.subarray(0, bytesRead).toString("utf8");
  } finally {
    await file.close();
  }
}

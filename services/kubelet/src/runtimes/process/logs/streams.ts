import type { LogStream } from "@tskube/cri";

export type { LogStream };
export const logStreams: readonly LogStream[] = ["stdout", "stderr"];

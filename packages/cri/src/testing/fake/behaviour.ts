import type { ContainerConfig } from "../../types.ts";

/** What a fake container does. Nothing given: it runs until it is stopped and obeys the stop signal at once. */
export interface FakeBehaviour {
  /** StartContainer fails with this message; the container then counts as exited with 128, reason StartError. */
  readonly startError?: string;
  /** Exits on its own after this time. */
  readonly exitAfterMs?: number;
  /** Exit code of its own exit, and of obeying the stop signal. */
  readonly exitCode?: number;
  /** Reason of its own exit; by default Completed or Error, by the exit code. */
  readonly reason?: string;
  /** Does not react to the stop signal, only to the kill when the grace time is over. */
  readonly ignoresStop?: boolean;
  /** Lines it writes to its log when it starts. */
  readonly logs?: readonly FakeLogLine[];
  /** Answers ExecSync; by default every command succeeds and prints nothing. */
  exec?(cmd: readonly string[]): FakeExecResult | Promise<FakeExecResult>;
}

export interface FakeLogLine {
  readonly stream?: "stdout" | "stderr";
  readonly text: string;
}

export interface FakeExecResult {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
}

/** Says how a container about to be started behaves; called once for each. */
export type FakeBehaviours = (config: ContainerConfig) => FakeBehaviour;

/** Behaviours by the container's name, for pods in which each container has its part. */
export function behavioursByName(table: Record<string, FakeBehaviour>): FakeBehaviours {
  return (config) => table[config.metadata?.name ?? ""] ?? {};
}

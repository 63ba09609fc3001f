import type { LaunchSpec, ProcessSpec } from "./spec.ts";

/** A command line for `child_process.spawn`. */
export interface CommandLine {
  readonly file: string;
  readonly args: readonly string[];
}

export interface ExecTarget {
  /** The container's first process, as the node numbers it. */
  readonly pid: number;
  readonly cgroupDirs: readonly string[];
}

/**
 * How a container process is made. The monitor, the FIFOs and the exit file are the same for every launcher; a launcher decides what the monitor
 * runs (`launch.sh` in the container's directory).
 */
export interface ContainerLauncher {
  /** Writes what is needed to start a container into its directory. Running it twice is harmless. */
  prepare(spec: LaunchSpec): Promise<void>;
  /** A command that runs `process` inside a running container, its standard streams those of the command. */
  exec(target: ExecTarget, process: ProcessSpec): CommandLine;
}

/** What runs inside a container: the first process, and in the same manner every exec. */
export interface ProcessSpec {
  readonly args: readonly string[];
  /** `NAME=value` pairs. */
  readonly env: readonly string[];
  /** Absolute in the container. */
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** Names without CAP_, in lower case; undefined leaves all that the runtime has. */
  readonly capabilities: readonly string[] | undefined;
  readonly noNewPrivileges: boolean;
  /** Standard input is a terminal, which is to be the process's own. */
  readonly tty: boolean;
}

/** One mount of a container; `target` is resolved and absolute in the container. */
export interface MountSpec {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** Namespaces that a container joins, as paths under /proc; those left out are its own (mount, pid, cgroup) or the node's. */
export interface NamespacePaths {
  /** The one in which we have the right to join the others; undefined for root. */
  readonly user?: string;
  readonly net?: string;
  readonly uts?: string;
  readonly ipc?: string;
  readonly pid?: string;
}

export interface LaunchSpec {
  /** Holds the scripts, FIFOs and the writable layer. */
  readonly dir: string;
  readonly process: ProcessSpec;
  /** Lower layers, topmost first. */
  readonly layers: readonly string[];
  readonly readonlyRoot: boolean;
  readonly mounts: readonly MountSpec[];
  readonly namespaces: NamespacePaths;
  /** True for a pid namespace of its own; false when it joins one or stays in the node's. */
  readonly ownPidNamespace: boolean;
  readonly cgroupDirs: readonly string[];
  readonly oomScoreAdj: number;
  readonly tty: boolean;
  readonly stdin: "none" | "once" | "open";
}

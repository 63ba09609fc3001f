import { rm } from "node:fs/promises";
import { systemErrorCode } from "@tskube/base";
import { runOrThrow } from "../run-command.ts";

/**
 * Where the runtime's helpers get root's rights from. Started by root they have them. An ordinary user's enter a user namespace that the user owns, in which
 * they are root over everything of the pods and over nothing else.
 */
export interface Authority {
  /** The user namespace to enter, as a path under /proc; undefined for root. */
  readonly userNamespace: string | undefined;
  /** Nothing of former pods can be reached any more: what held their namespaces has gone. */
  readonly isFresh: boolean;
  /** The environment of processes that outlive the runtime. */
  readonly environment: NodeJS.ProcessEnv;
  /** Words that go before a command that needs these rights. */
  readonly prefix: readonly string[];
}

const plainEnvironment: NodeJS.ProcessEnv = {
  PATH: process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin",
  LC_ALL: "C",
};

export const rootAuthority: Authority = {
  userNamespace: undefined,
  isFresh: false,
  environment: plainEnvironment,
  prefix: [],
};

/** The rights in the user namespace that process `holder` keeps. */
export function userAuthority(holder: number, isFresh: boolean): Authority {
  const userNamespace = `/proc/${holder}/ns/user`;
  return {
    userNamespace,
    isFresh,
    environment: rootlessEnvironment(process.env),
    prefix: ["nsenter", ...enterUserNamespace(userNamespace), "--"],
  };
}

/** Words for `nsenter`; there is only one user in the namespace, so there are no credentials to change. */
export const enterUserNamespace = (path: string): string[] => ["--preserve-credentials", `--user=${path}`];

/** Without network namespaces or cgroups of the node's own, marks in the environment are what a node's processes are found by when it is ended. */
export function rootlessEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const marks = Object.entries(own).filter(([name]) => name.startsWith("TSKUBE_"));
  return { ...plainEnvironment, ...Object.fromEntries(marks) };
}

/** Deletes a tree that containers have written to. Its owner may be shut out of directories in it, which root in the user namespace is not. */
export async function removeTree(dir: string, authority: Authority): Promise<void> {
  try {
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    const [enter, ...words] = authority.prefix;
    const code = systemErrorCode(error);
    if (enter === undefined || (code !== "EACCES" && code !== "EPERM" && code !== "ENOTEMPTY")) throw error;
    await runOrThrow(enter, [...words, "rm", "-rf", "--", dir]);
  }
}

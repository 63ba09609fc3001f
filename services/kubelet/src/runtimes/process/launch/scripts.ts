import { join } from "node:path";
import { enterUserNamespace } from "../rootless/authority.ts";
import { shellQuote, shellWords } from "./shell.ts";
import type { LaunchSpec, NamespacePaths, ProcessSpec } from "./spec.ts";
import type { Toolbox } from "./toolbox.ts";

/*
 * How a container comes to life, each arrow an exec unless it says fork:
 *
 *   monitor.sh ─fork→ launch.sh → nsenter (the pod's namespaces) → unshare → sh ─fork→ init.sh → setsid → setpriv → env → the program
 *   stays, waits                                                          waits      mounts, changes root
 *
 * The shell before init.sh waits instead of `unshare --fork`, which in util-linux 2.38 reports 1 for a program killed by a signal. Every shell runs its child in
 * the foreground and without traps: ignored signals would be inherited by the program.
 *
 * With a terminal `script` stands between monitor.sh and launch.sh. File descriptors of launch.sh and init.sh: 3 is the FIFO `alive` to the
 * runtime, 7 the program's standard error while 2 collects what goes wrong before.
 */

/** Exit code of a container whose program never came to run. */
export const setupFailedCode = 125;

/**
 * Outlives the runtime: holds the FIFOs open, so that output waits for a restarted runtime, and notes the exit code. Leaves when the runtime has said, by a
 * line in `ack`, that it has the FIFOs open: what they hold would be lost with the last opener. Arguments: directory, stdin mode, terminal.
 */
export const monitorScript = `cd "$1" || exit ${setupFailedCode}
mkfifo -m 600 alive ack && mkfifo -m 666 out err in || exit ${setupFailedCode}
exec 3<>alive 4<>ack 5<>out 6<>err
[ "$2" = open ] && exec 8<>in
echo fifos
exec >/dev/null 2>/dev/null </dev/null
[ "$2" = none ] && in=/dev/null || in=in
if [ "$3" = tty ]; then
  SHELL=/bin/sh script --quiet --flush --return --command 'tty >tty; exec /bin/sh ./launch.sh 4>&- 5>&- 6>&- 8>&-' /dev/null <$in >&5 2>&6
else
  /bin/sh ./launch.sh <$in >&5 2>&6 4>&- 5>&- 6>&- 8>&-
fi
code=$?
echo $code >exit.tmp && mv exit.tmp exit
echo "exit $code" >&3
read -r _ <&4
`;

/** Enters the namespaces and hands over to init.sh. */
export function launchScript({ namespaces, ownPidNamespace }: LaunchSpec): string {
  const enter = ["nsenter", ...namespaceFlags(namespaces), "--"];
  const own = ["unshare", "--mount", "--propagation", "slave", ...(ownPidNamespace ? ["--pid"] : []), "--"];
  const init = ownPidNamespace ? ["/bin/sh", "-c", "/bin/sh ./init.sh; exit $?"] : ["/bin/sh", "./init.sh"];
  const words = [...(enter.length > 2 ? enter : []), ...own, ...init];
  return `exec 7>&2 2>setup.err\nexec ${shellWords(words)}\n`;
}

function namespaceFlags({ user, net, uts, ipc, pid }: NamespacePaths): string[] {
  const flags: string[] = user ? enterUserNamespace(user) : [];
  if (net) flags.push(`--net=${net}`);
  if (uts) flags.push(`--uts=${uts}`);
  if (ipc) flags.push(`--ipc=${ipc}`);
  if (pid) flags.push(`--pid=${pid}`);
  return flags;
}

/** First process in the container's namespaces: builds the root, joins the cgroups, drops what the program must not have. */
export function initScript(spec: LaunchSpec, toolbox: Toolbox, words = processCommand(spec.process, toolbox)): string {
  const root = join(spec.dir, "root");
  const quotedRoot = shellQuote(root);
  const failed = `|| exit ${setupFailedCode}`;
  return `read -r stat </proc/self/stat ${failed}
mount --all --fstab ./fstab ${failed}
${spec.tty ? `mount --bind "$(cat tty)" ${shellQuote(join(root, "dev/console"))} ${failed}\n` : ""}${joinCgroups(spec.cgroupDirs)}
echo ${spec.oomScoreAdj} 2>/dev/null >/proc/self/oom_score_adj
cd ${shellQuote(toolbox.dir)} && pivot_root ${quotedRoot} ${shellQuote(join(root, "dev"))} ${failed}
${shellWords(toolbox.command("umount"))} -l /dev ${failed}
echo "ready $stat" >&3
exec ${shellWords(words)} 2>&7 3>&- 7>&-
`;
}

/** Lines that move the shell into cgroups; "0" is whoever writes. A cgroup that went away is no reason not to run. */
export function joinCgroups(dirs: readonly string[]): string {
  return dirs.map((dir) => `echo 0 2>/dev/null >${shellQuote(join(dir, "cgroup.procs"))}`).join("\n");
}

/** The words that turn a root process standing in the container's root, with the toolbox as working directory, into the program. */
export function processCommand(spec: ProcessSpec, toolbox: Toolbox, identity = identityOf(spec)): string[] {
  const { capabilities, noNewPrivileges } = spec;
  const privileges = [...identity.privileges];
  if (capabilities) {
    const kept = capabilities.map((name) => `+${name}`);
    privileges.push("--bounding-set", ["-all", ...kept].join(","), "--inh-caps", "-all");
  }
  if (noNewPrivileges) privileges.push("--no-new-privs");
  const environment = ["--ignore-environment", "-C", spec.cwd, ...spec.env];
  return [
    ...(identity.keepsSession ? [] : newSession(spec, toolbox)),
    ...(privileges.length > 0 ? [...toolbox.command("setpriv"), ...privileges] : []),
    ...identity.become,
    ...toolbox.command("env"),
    ...environment,
    ...spec.args,
  ];
}

/** A session of its own: otherwise `kill(0)` would reach the monitor, and a shell could not own the terminal. */
function newSession({ tty }: ProcessSpec, toolbox: Toolbox): string[] {
  return [...toolbox.command("setsid"), ...(tty ? ["--ctty"] : [])];
}

/** How a process becomes the user it is to run as. */
export interface Identity {
  /** It stays in the session whose terminal it has, which only root may take away from a session. */
  readonly keepsSession: boolean;
  /** Arguments of setpriv. */
  readonly privileges: readonly string[];
  /** A further command between setpriv and the program. */
  readonly become: readonly string[];
}

function identityOf({ uid, gid, groups }: ProcessSpec): Identity {
  const memberships = groups.length > 0 ? ["--groups", groups.join(",")] : ["--clear-groups"];
  return {
    privileges: ["--reuid", String(uid), "--regid", String(gid), ...memberships],
    become: [],
    keepsSession: false,
  };
}

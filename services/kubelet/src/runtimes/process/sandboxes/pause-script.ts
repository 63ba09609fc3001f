import { shellQuote } from "../launch/shell.ts";

export interface PauseOptions {
  readonly dir: string;
  /** Empty leaves the node's. */
  readonly hostname: string;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly unshare: { readonly net: boolean; readonly ipc: boolean; readonly pid: boolean };
}

/** The namespaces of a pod that are its own. Its UTS namespace is, whenever it has a name of its own. */
export function unshareFlags({ hostname, unshare }: PauseOptions): string[] {
  const flags: string[] = [];
  if (unshare.net) flags.push("--net");
  if (hostname) flags.push("--uts");
  if (unshare.ipc) flags.push("--ipc");
  if (unshare.pid) flags.push("--pid", "--fork", "--kill-child");
  return flags;
}

/**
 * The process that holds a pod's namespaces. Says its /proc/self/stat, waits for a line (the network is plugged in), sets its end of it up, says `done`,
 * and sleeps. As first process of a shared pid namespace it also takes in orphans, which a plain `sleep` would leave as zombies.
 */
export function pauseScript({ dir, hostname, sysctls, unshare }: PauseOptions): string {
  const settings = Object.entries(sysctls).map(
    ([name, value]) => `echo ${shellQuote(value)} >/proc/sys/${shellQuote(name.replaceAll(".", "/"))} || exit 1`,
  );
  const wait = unshare.pid
    ? "trap 'exit 0' TERM INT\nwhile :; do sleep 2147483647 & wait $!; done"
    : "exec sleep 2147483647";
  return `cd ${shellQuote(dir)} || exit 1
[ -p alive ] || mkfifo -m 600 alive || exit 1
exec 3<>alive
${hostname ? hostnameLine(shellQuote(hostname)) : ""}
${settings.join("\n")}
read -r stat </proc/self/stat && echo "$stat" || exit 1
read -r _ || exit 1
[ ! -s net.batch ] || ip -batch net.batch || exit 1
echo done
cd /
exec >/dev/null 2>/dev/null </dev/null
${wait}
`;
}

/** In a user namespace the file of the host name is not ours to write, but the name is ours to set. */
const hostnameLine = (name: string): string =>
  `echo ${name} 2>/dev/null >/proc/sys/kernel/hostname || hostname ${name} || exit 1`;

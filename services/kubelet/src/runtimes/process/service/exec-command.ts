import { CriError } from "@tskube/cri";
import type { Cgroups } from "../cgroups/cgroups.ts";
import { findExecutable } from "../containers/executable.ts";
import type { LiveContainer } from "../containers/live.ts";
import { dirView } from "../files/view.ts";
import type { CommandLine, ContainerLauncher } from "../launch/launcher.ts";

/** The command line that runs `cmd` in a container, as its own program runs. Fails as other runtimes do when there is no such program. */
export async function execCommand(
  { launcher, cgroups }: { readonly launcher: ContainerLauncher; readonly cgroups: Cgroups },
  container: LiveContainer,
  cmd: readonly string[],
  tty = false,
): Promise<CommandLine> {
  const { run, record } = container;
  const [name] = cmd;
  if (name === undefined) throw new CriError("INVALID_ARGUMENT", "no command specified");
  if (run.state !== "running" || !run.init)
    throw new CriError("FAILED_PRECONDITION", `container ${record.id} is not running`);
  const { pid } = run.init;
  const found = await findExecutable(dirView(`/proc/${pid}/root`), name, record.process.env, record.process.cwd);
  if ("error" in found) {
    throw new CriError(
      "UNKNOWN",
      `failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: ${found.error}: unknown`,
    );
  }
  const env = tty ? [...record.process.env, "TERM=xterm"] : record.process.env;
  const spec = { ...record.process, args: cmd, env, tty };
  return launcher.exec({ pid, cgroupDirs: cgroups.dirs(record.cgroup) }, spec);
}

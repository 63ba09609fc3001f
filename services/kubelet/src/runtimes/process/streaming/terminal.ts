import type { CommandLine } from "../launch/launcher.ts";
import { shellWords } from "../launch/shell.ts";
import { runCommand } from "../run-command.ts";
import type { TerminalSize } from "./remote-streams.ts";

/**
 * Runs a command on a terminal of its own. `script` is the one program of util-linux that makes one; it copies between its own pipes and the terminal. The
 * terminal's name goes to file descriptor 3 first, since that is where its size is set.
 */
export function onTerminal({ file, args }: CommandLine): CommandLine {
  const command = `tty >&3; exec 3>&-; exec ${shellWords([file, ...args])}`;
  return { file: "script", args: ["--quiet", "--flush", "--return", "--command", command, "/dev/null"] };
}

/** Sets terminal sizes, one at a time; of sizes that come while one is being set only the last counts. */
export function createResizer(terminal: () => Promise<string>): (size: TerminalSize) => void {
  let wanted: TerminalSize | undefined;
  let isBusy = false;
  const work = async () => {
    isBusy = true;
    while (wanted) {
      const { width, height } = wanted;
      wanted = undefined;
      const path = await terminal();
      // The terminal may have gone with its program.
      if (path) await runCommand("stty", ["-F", path, "cols", String(width), "rows", String(height)]).catch(() => {});
    }
    isBusy = false;
  };
  return (size) => {
    wanted = size;
    if (!isBusy) void work();
  };
}

import { setMaxListeners } from "node:events";
import { errorMessage, type Logger } from "@tskube/base";
import type { Host } from "./run-main.ts";

/** The exit code of a program ended by a second signal, as shells show an interrupt. */
const interruptedExitCode = 130;

/**
 * A signal that aborts on SIGTERM or SIGINT; the second one exits at once, for operators whose program hangs while stopping.
 * A rejection nobody handles or an exception nobody caught is logged and ends the process with 1: its state is unknown.
 */
export function watchSignals(host: Host, logger: Logger): AbortSignal {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // everything in the program waits for it: many listeners are no leak
  for (const name of ["SIGTERM", "SIGINT"]) {
    host.on(name, () => {
      if (stop.signal.aborted) return host.exit(interruptedExitCode);
      logger.info({ signal: name }, "stopping");
      stop.abort(new Error(`received ${name}`));
    });
  }
  for (const event of ["unhandledRejection", "uncaughtException"]) {
    host.on(event, (error) => {
      logger.error({ err: error }, `${event}: ${errorMessage(error)}`);
      host.exit(1);
    });
  }
  return stop.signal;
}

import { hostname } from "node:os";
import { createLogger, type Logger, systemClock } from "@tskube/base";
import { findInstallation } from "../supervisor/installation.ts";
import { clusterFromEnvironment, workerOf } from "./cluster-environment.ts";
import { initialize } from "./init.ts";
import { prepareMachine, removeStaleState, writeNodeFiles } from "./prepare-worker.ts";
import { runWorker } from "./worker.ts";
import { workerPaths } from "./worker-paths.ts";

const initFolders = { pki: "/var/lib/tskube/pki", credentials: "/credentials", host: "/kubeconfig" };
const usageExitCode = 2;

/** `node-agent.cjs init`: certificates and kubeconfigs of a cluster of containers, then ends. */
async function init(logger: Logger): Promise<void> {
  const config = clusterFromEnvironment(process.env);
  const urls = {
    inside: `https://apiserver:${config.apiserverPort}`,
    outside: `https://127.0.0.1:${process.env.TSKUBE_APISERVER_PORT || config.apiserverPort}`,
  };
  const kubeconfig = await initialize(config, initFolders, urls, Date.now());
  logger.info({ kubeconfig }, "certificates and kubeconfigs are there");
}

/** `node-agent.cjs worker`: runs this container as the node that its host name says, until SIGTERM. */
async function worker(logger: Logger): Promise<void> {
  const config = clusterFromEnvironment(process.env);
  const node = workerOf(config, hostname());
  const paths = workerPaths();
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
  await prepareMachine(config);
  removeStaleState(paths, node);
  const pauseArchive = await writeNodeFiles(config, paths, node);
  const plan = { config, paths, installation: findInstallation(import.meta.dirname) };
  const logFile = `/proc/${process.pid}/fd/1`;
  await runWorker(plan, node, { clock: systemClock, logger, logFile, pauseArchive }, stop.signal);
}

const commands: Readonly<Record<string, (logger: Logger) => Promise<void>>> = { init, worker };

const command = commands[process.argv[2] ?? ""];
const logger = createLogger({ component: "node-agent" });
if (command) {
  command(logger).then(
    () => process.exit(),
    (error: unknown) => {
      logger.error({ err: error }, "the node agent failed");
      process.exit(1); // the container's restart policy decides what happens next
    },
  );
} else {
  process.stderr.write("usage: node-agent.cjs init|worker\n");
  process.exitCode = usageExitCode;
}

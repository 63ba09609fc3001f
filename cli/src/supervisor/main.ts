import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { createLogger, systemClock } from "@tskube/base";
import type { ClusterConfig } from "../cluster/cluster-config.ts";
import { clusterPaths } from "../cluster/paths.ts";
import { removeNetwork } from "../network/apply.ts";
import { serveControl } from "./control-server.ts";
import { findInstallation } from "./installation.ts";
import { Supervisor } from "./supervisor.ts";

/** `supervisor.cjs CLUSTER-ROOT`: runs one cluster until SIGTERM, or `POST /stop` on its control socket. */
async function main(root: string): Promise<void> {
  const paths = clusterPaths(dirname(root), basename(root));
  const config = JSON.parse(readFileSync(paths.config, "utf8")) as ClusterConfig;
  const logger = createLogger({ component: "supervisor" });
  const supervisor = new Supervisor(
    { config, paths, installation: findInstallation(import.meta.dirname) },
    { clock: systemClock, logger },
  );

  const stopAsked = new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, resolve);
    serveControl(paths.controlSocket, {
      status: () => supervisor.status(),
      act: (node, action) => supervisor.act(node, action),
      stop: resolve,
    }).then(
      (server) => server.unref(),
      (error: unknown) => {
        logger.error({ err: error }, "cannot listen on the control socket");
        process.exitCode = 1;
        resolve();
      },
    );
  });
  await supervisor.start();
  await stopAsked;
  logger.info({}, "stopping");
  await supervisor.stop();
  if (config.isolation === "namespaces") await removeNetwork(config, paths.run);
}

main(process.argv[2] ?? "").then(
  () => process.exit(),
  (error: unknown) => {
    createLogger({ component: "supervisor" }).error({ err: error }, "the supervisor failed");
    process.exitCode = 1;
  },
);

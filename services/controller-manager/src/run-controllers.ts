import { Closer } from "@tskube/base";
import { createInformers, silentRecorder, startEventRecorder } from "@tskube/client";
import { type ControllerFactory, startControllers } from "@tskube/controller";
import type { Config } from "./config.ts";
import { controllerEntries } from "./controllers/index.ts";
import { selectControllers } from "./controllers/select.ts";
import type { Clients } from "./credentials/clients.ts";
import type { Deps } from "./server.ts";

/** Runs the configured controllers, each with its own client and events over shared informers, until `signal` aborts. */
export async function runControllers(
  config: Config,
  deps: Deps,
  clients: Pick<Clients, "own" | "as">,
  signal: AbortSignal,
): Promise<void> {
  const { clock, logger, metrics } = deps;
  const informers = createInformers({ client: clients.own, clock, logger });
  const closer = new Closer();
  const factories: ControllerFactory[] = [];
  for (const entry of selectControllers(config.controllers, controllerEntries).chosen) {
    const create = entry.create(config);
    if (!create) continue;
    const client = clients.as(entry.serviceAccount);
    const events = closer.add(startEventRecorder({ client, source: { component: entry.eventSource }, clock, logger }));
    factories.push((shared) => create({ ...shared, client, events }));
  }
  logger.info({ controllers: factories.length }, "starting controllers");
  try {
    const shared = { client: clients.own, informers, listers: informers.listers, clock, logger, metrics };
    await startControllers(factories, { ...shared, events: silentRecorder }, signal); // each has events of its own
  } finally {
    await closer.close();
  }
}

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMetrics, silentLogger, systemClock } from "@tskube/base";
import { type Client, clientOver, createClient } from "@tskube/client";
import type { Config } from "../../services/controller-manager/src/config.ts";
import { type Clients, openClients } from "../../services/controller-manager/src/credentials/clients.ts";
import { options } from "../../services/controller-manager/src/index.ts";
import { runControllers } from "../../services/controller-manager/src/run-controllers.ts";
import { type ApiProcess, startApiProcess } from "../framework/api-process.ts";
import { openTestServer, senderOver } from "../integration/apiserver/open-test-server.ts";
import { makeAuthority } from "../integration/security/certificates.ts";
import { type Api, isOnProcess, withNamespaces } from "./open-api.ts";

/** An apiserver with the controllers at work over it. Nothing runs pods: a test is the scheduler and the kubelet where it needs them. */
export interface ControlledApi extends Api {
  readonly client: Client;
}

/** A status that somebody else wrote is only seen when all quotas are counted anew, every five minutes by default. */
const quotaSyncMs = 2_000;
const clientOptions = { userAgent: "e2e", qps: -1 };
const silent = { clock: systemClock, logger: silentLogger };

let shared: Promise<ControlledApi> | undefined;

after(async () => {
  await (await shared)?.close();
});

/** A server in memory for each file, or one process over etcd that all files share. */
export async function openControlled(): Promise<ControlledApi> {
  if (!isOnProcess) return controlledInMemory();
  shared ??= startApiProcess().then(controlledProcess);
  return { ...(await shared), close: async () => {} };
}

async function controlledInMemory(): Promise<ControlledApi> {
  const server = await openTestServer();
  const { transport, send } = server;
  const client = clientOver(transport, clientOptions);
  const controllers = await startControllers({ own: client, as: () => client });
  const close = async () => {
    await controllers.stop();
    await server.close();
  };
  return { ...withNamespaces({ transport, send, close }), client };
}

/** Over a real server each controller has the rights of its own service account, and no more. */
async function controlledProcess(api: ApiProcess): Promise<ControlledApi> {
  const limits = { kubeApiQps: -1, kubeApiBurst: 1 };
  const own = await api.config("CN=system:kube-controller-manager");
  const clients = openClients(own, { ...limits, useServiceAccountCredentials: true }, silent);
  const controllers = await startControllers(clients);
  const client = createClient(await api.config(), clientOptions);
  const close = async () => {
    await controllers.stop();
    clients.close();
    client.close();
    await api.stop();
  };
  const { transport } = client;
  return { ...withNamespaces({ transport, send: senderOver(transport), close }), client };
}

async function startControllers(clients: Pick<Clients, "own" | "as">): Promise<{ stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "tskube-controlled-"));
  const rootCaFile = join(folder, "ca.crt");
  writeFileSync(rootCaFile, (await makeAuthority("root-ca")).cert);
  const stop = new AbortController();
  const deps = { ...silent, metrics: createMetrics({ processFigures: false }) };
  const config = { ...defaults(), rootCaFile, resourceQuotaSyncPeriod: quotaSyncMs };
  const running = runControllers(config, deps, clients, stop.signal);
  return {
    async stop() {
      stop.abort();
      await running;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What an empty command line comes to. */
function defaults(): Config {
  return Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default])) as Config;
}

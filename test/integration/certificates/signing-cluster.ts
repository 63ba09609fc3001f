import { createMetrics, silentLogger, systemClock } from "@tskube/base";
import { type Client, createClient } from "@tskube/client";
import type { Config } from "../../../services/controller-manager/src/config.ts";
import { openClients } from "../../../services/controller-manager/src/credentials/clients.ts";
import { options } from "../../../services/controller-manager/src/index.ts";
import { runControllers } from "../../../services/controller-manager/src/run-controllers.ts";
import { type ApiProcess, startApiProcess } from "../../framework/api-process.ts";

/** An apiserver as a process, and over it the controllers of certificates and bootstrap tokens, each with the rights of its service account alone. */
export interface SigningCluster {
  readonly api: ApiProcess;
  readonly admin: Client;
  close(): Promise<void>;
}

const names = ["csrsigning", "csrapproving", "csrcleaner", "bootstrapsigner", "tokencleaner"];
const deps = { clock: systemClock, logger: silentLogger };

export async function startSigningCluster(): Promise<SigningCluster> {
  const api = await startApiProcess();
  const own = await api.config("CN=system:kube-controller-manager");
  const limits = { kubeApiQps: -1, kubeApiBurst: 1 };
  const clients = openClients(own, { ...limits, useServiceAccountCredentials: true }, deps);
  const admin = createClient(await api.config(), { userAgent: "test", qps: -1 });
  const stop = new AbortController();
  const { certFile, keyFile } = api.authority;
  const config = {
    ...defaults(),
    controllers: names,
    clusterSigningCertFile: certFile,
    clusterSigningKeyFile: keyFile,
  };
  const metrics = createMetrics({ processFigures: false });
  const running = runControllers(config, { ...deps, metrics }, clients, stop.signal);
  return {
    api,
    admin,
    async close() {
      stop.abort();
      await running;
      clients.close();
      admin.close();
      await api.stop();
    },
  };
}

/** What an empty command line comes to. */
function defaults(): Config {
  return Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default])) as Config;
}

import type { Transport } from "@tskube/client";
import { type ApiProcess, startApiProcess } from "../framework/api-process.ts";
import { openTestServer, type Send, senderOver } from "../integration/apiserver/open-test-server.ts";

/** An apiserver that every test of a file shares; tests keep apart by namespaces and names of their own. */
export interface Api {
  readonly transport: Transport;
  readonly send: Send;
  /** Makes a namespace with its service account, as controllers would. */
  namespace(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Where the tests run: on servers in memory, one for each file, or on one process over etcd that all files share. */
export const isOnProcess = process.env.TSKUBE_CONFORMANCE_ON === "process";

let shared: Promise<ApiProcess> | undefined;

// Ends what all files share, after the last of them.
after(async () => {
  await (await shared)?.stop();
});

export async function openApi(): Promise<Api> {
  if (!isOnProcess) {
    const server = await openTestServer();
    return withNamespaces({ transport: server.transport, send: server.send, close: () => server.close() });
  }
  shared ??= startApiProcess();
  const transport = await (await shared).transport();
  const api = withNamespaces({ transport, send: senderOver(transport), close: async () => transport.close() });
  await api.namespace("default");
  return api;
}

export function withNamespaces(api: Omit<Api, "namespace">): Api {
  return {
    ...api,
    async namespace(name) {
      await api.send("POST", "/api/v1/namespaces", { metadata: { name } });
      await api.send("POST", `/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: "default" } });
    },
  };
}

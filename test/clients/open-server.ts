import { type ApiProcess, startApiProcess } from "../framework/api-process.ts";
import { senderOver } from "../integration/apiserver/open-test-server.ts";

let shared: Promise<ApiProcess> | undefined;

// One apiserver over etcd for all files of this folder: ended after the last.
after(async () => {
  await (await shared)?.stop();
});

/** The apiserver as a process, as clients of any make meet it; tests keep apart by namespaces and names of their own. */
export function openServer(): Promise<ApiProcess> {
  shared ??= start();
  return shared;
}

async function start(): Promise<ApiProcess> {
  const api = await startApiProcess();
  // A controller's work, which does not run here.
  const send = senderOver(await api.transport());
  await send("POST", "/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "default" } });
  return api;
}

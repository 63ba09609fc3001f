import { openTestServer, type TestServer } from "../integration/apiserver/open-test-server.ts";

/** An apiserver in memory that every test of a file shares; tests keep apart by namespaces of their own. */
export interface Api extends TestServer {
  /** Makes a namespace with its service account, as controllers would. */
  namespace(name: string): Promise<void>;
}

export async function openApi(): Promise<Api> {
  const server = await openTestServer();
  return {
    ...server,
    async namespace(name) {
      await server.send("POST", "/api/v1/namespaces", { metadata: { name } });
      await server.send("POST", `/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: "default" } });
    },
  };
}

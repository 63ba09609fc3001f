import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { readBody } from "@tskube/client";
import { makeAuthority } from "../security/certificates.ts";

/** What an HTTPS server of a test answers; nothing is 404. */
export type AnswerRequest = (path: string, body: string, headers: NodeJS.Dict<string | string[]>) => Answered;
type Answered = { readonly status?: number; readonly body: object | string; readonly location?: string } | undefined;

export interface HttpsServer {
  readonly url: string;
  /** PEM of the authority that signed its certificate. */
  readonly ca: string;
  /** The paths that were asked for. */
  readonly asked: string[];
  close(): void;
}

const maxBytes = 1024 * 1024;
/** Authorities of one name cannot be told apart. */
let authorities = 0;

/** An HTTPS server of loopback whose certificate an authority of its own has signed. */
export async function openHttps(answer: AnswerRequest): Promise<HttpsServer> {
  const authority = await makeAuthority(`https ${++authorities}`);
  const { cert, key } = await authority.issue("CN=127.0.0.1");
  const asked: string[] = [];
  const server: Server = createServer({ cert, key }, async (request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    const found = answer(path, (await readBody(request, maxBytes)).toString("utf8"), request.headers);
    response.writeHead(found ? (found.status ?? 200) : 404, {
      "content-type": "application/json",
      ...(found?.location && { location: found.location }),
    });
    response.end(typeof found?.body === "string" ? found.body : JSON.stringify(found?.body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, ca: authority.cert, asked, close };
}

/** A kubeconfig, as webhooks' servers are named by. */
export function kubeconfigOf({ url, ca }: HttpsServer, path: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: "c", cluster: { server: url + path, "certificate-authority-data": Buffer.from(ca).toString("base64") } },
    ],
    users: [{ name: "u", user: { token: "apiserver-secret" } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  });
}

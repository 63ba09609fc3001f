import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApiServerOptions } from "@tskube/apiserver";
import { readBody } from "@tskube/client";
import { openInMemoryStore } from "@tskube/store/testing";
import { type Json, openServerOver, type TestServer } from "../apiserver/open-test-server.ts";
import { makeAuthority } from "../security/certificates.ts";

/** An apiserver whose clients must prove who they are, and a directory for its files. */
export interface OutsideServer {
  readonly api: TestServer;
  readonly url: string;
  /** PEM of the authority that signed its certificate. */
  readonly ca: string;
  /** A request with a bearer token, or without credentials. */
  ask(
    method: string,
    path: string,
    token?: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Asked>;
  /** `GET /apis/authentication.k8s.io/v1/selfsubjectreviews` with the token, as the user that it makes. */
  whoAmI(token: string): Promise<Asked>;
  close(): Promise<void>;
}

export interface Asked {
  readonly status: number;
  readonly json: Json;
}

export interface Files {
  path(name: string): string;
  write(name: string, content: string): string;
  remove(): void;
}

export function openFiles(): Files {
  const directory = mkdtempSync(join(tmpdir(), "tskube-auth-"));
  const path = (name: string) => join(directory, name);
  return {
    path,
    write(name, content) {
      writeFileSync(path("next"), content, { mode: 0o600 });
      renameSync(path("next"), path(name));
      return path(name);
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

const maxBytes = 8 * 1024 * 1024;

export async function openOutside(more: Partial<ApiServerOptions>): Promise<OutsideServer> {
  const store = await openInMemoryStore();
  const api = await openServerOver(store, more);
  const authority = await makeAuthority("outside");
  const door = createServer(await authority.issue("CN=127.0.0.1"), api.server.listener);
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  const { port } = door.address() as AddressInfo;
  const ask: OutsideServer["ask"] = (method, path, token, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const call = request(
        {
          port,
          ca: authority.cert,
          host: "127.0.0.1",
          method,
          path,
          headers: {
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
            ...(body !== undefined && { "content-type": "application/json" }),
            ...headers,
          },
        },
        (answer) => {
          const read = readBody(answer, maxBytes).then((bytes) => {
            const text = bytes.toString("utf8");
            return { status: answer.statusCode ?? 0, json: (text.startsWith("{") ? JSON.parse(text) : {}) as Json };
          });
          read.then(resolve, reject);
        },
      );
      call.once("error", reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  return {
    api,
    url: `https://127.0.0.1:${port}`,
    ca: authority.cert,
    ask,
    whoAmI: (token) =>
      ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", token, {
        apiVersion: "authentication.k8s.io/v1",
        kind: "SelfSubjectReview",
      }),
    async close() {
      door.closeAllConnections();
      door.close();
      await api.close();
      await store.close();
    },
  };
}

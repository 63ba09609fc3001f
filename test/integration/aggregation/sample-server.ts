import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import * as documents from "./documents.ts";
import { Flunders, group, sendJson, sendStatus, version } from "./flunders.ts";
import { frontProxyName, makeServingAuthority, ownAddress } from "./front-proxy.ts";

/** Who asks, as the front proxy says it. */
export interface Asker {
  readonly user: string;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, string>>;
}

export interface SeenRequest extends Asker {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
}

export interface SampleOptions {
  /** PEM of the authorities whose certificates front proxies show. */
  readonly frontProxyCa: string;
  /** What the certificate names: `NAME.NAMESPACE.svc`. */
  readonly serverName: string;
  /** Has neither aggregated discovery nor OpenAPI v3, as servers had before these. */
  readonly isOld?: boolean;
  /** Answers of more groups by their paths. */
  readonly more?: Readonly<Record<string, object>>;
}

const base = `/apis/${group}/${version}`;

/** A small extension API server: believes identity headers of the front proxy alone, and serves one resource. */
export class SampleServer {
  readonly #server: Server;
  readonly #flunders = new Flunders();
  readonly #options: SampleOptions;
  /** Every request of a user; what the API server asks for itself is left out. */
  readonly seen: SeenRequest[] = [];
  /** PEM, in base64 as an APIService has it. */
  readonly caBundle: string;

  private constructor(server: Server, ca: string, options: SampleOptions) {
    this.#server = server;
    this.#options = options;
    this.caBundle = Buffer.from(ca).toString("base64");
    server.on("request", (request: IncomingMessage, response: ServerResponse) => this.#answer(request, response));
    server.on("upgrade", (request: IncomingMessage, socket: Duplex) => this.#upgrade(request, socket));
  }

  static async start(options: SampleOptions): Promise<SampleServer> {
    const authority = await makeServingAuthority();
    const { certificate: cert, key } = await authority.issue({
      commonName: options.serverName,
      dnsNames: [options.serverName],
      usages: ["server"],
    });
    const server = createServer({ cert, key, ca: options.frontProxyCa, requestCert: true, rejectUnauthorized: false });
    const sample = new SampleServer(server, authority.certificate, options);
    await new Promise<void>((resolve) => server.listen(0, ownAddress(), resolve));
    return sample;
  }

  get address(): { readonly host: string; readonly port: number } {
    const { address, port } = this.#server.address() as AddressInfo;
    return { host: address, port };
  }

  /** Ends every connection, as a crash would. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const asker = askerOf(request);
    if (!asker) {
      sendStatus(response, 401, "Unauthorized", "Unauthorized");
      return;
    }
    if (!asker.user.includes("aggregator")) this.#note(asker, request);
    const url = new URL(request.url ?? "/", "https://sample");
    const [namespace = "", resource = "", name = ""] = resourceParts(url.pathname);
    if (resource === "flunders") this.#flunders.handle(request, response, namespace, name, url);
    else if (resource === "redirects") response.writeHead(302, { location: "https://elsewhere/" }).end();
    else this.#describe(response, url.pathname, request.headers.accept ?? "");
  }

  #describe(response: ServerResponse, path: string, accept: string): void {
    const document = this.#documentOf(path, accept);
    if (document) sendJson(response, 200, document.body, document.type);
    else sendStatus(response, 404, "NotFound", "the server could not find the requested resource");
  }

  #documentOf(path: string, accept: string): { readonly body: object; readonly type?: string } | undefined {
    const isNew = this.#options.isOld !== true;
    const further = this.#options.more?.[path];
    if (further) return { body: further };
    if (path === "/apis" && isNew && accept.includes("APIGroupDiscoveryList")) {
      return { body: documents.aggregatedDiscovery, type: documents.aggregatedType };
    }
    if (path === `/apis/${group}`) return { body: documents.apiGroup };
    if (path === base) return { body: documents.apiResourceList };
    if (path === "/openapi/v2") return { body: documents.openapiV2 };
    if (path === "/openapi/v3" && isNew) return { body: documents.openapiV3Index };
    if (path === `/openapi/v3${base}` && isNew) return { body: documents.openapiV3 };
    return undefined;
  }

  /** Says who asks and repeats what it is sent, in a protocol of its own. */
  #upgrade(request: IncomingMessage, socket: Duplex): void {
    const asker = askerOf(request);
    if (!asker || !request.url?.startsWith(`${base}/namespaces/`)) {
      socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno");
      return;
    }
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ${request.headers.upgrade}\r\n\r\n`,
    );
    socket.write(`hello ${asker.user}\n`);
    socket.pipe(socket);
    socket.on("error", () => {});
  }

  #note(asker: Asker, { method = "", url = "", headers }: IncomingMessage): void {
    this.seen.push({ ...asker, method, url, headers });
  }
}

/** The user that the front proxy speaks for; undefined when it is none that may. */
function askerOf(request: IncomingMessage): Asker | undefined {
  const socket = request.socket as Socket as TLSSocket;
  if (!socket.authorized || socket.getPeerCertificate().subject.CN !== frontProxyName) return undefined;
  const header = (name: string) =>
    request.headersDistinct[name]?.map((value) => Buffer.from(value, "latin1").toString());
  const user = header("x-remote-user")?.[0];
  if (!user) return undefined;
  const prefix = "x-remote-extra-";
  const extra = Object.keys(request.headers)
    .filter((name) => name.startsWith(prefix))
    .map((name) => [decodeURIComponent(name.slice(prefix.length)), header(name)?.join(",") ?? ""]);
  return {
    user,
    uid: header("x-remote-uid")?.[0],
    groups: header("x-remote-group") ?? [],
    extra: Object.fromEntries(extra) as Record<string, string>,
  };
}

/** Namespace, resource and name of a path below the version; the namespace may be left out. */
function resourceParts(path: string): string[] {
  if (!path.startsWith(`${base}/`)) return [];
  const parts = path.slice(base.length + 1).split("/");
  return parts[0] === "namespaces" ? parts.slice(1) : ["", ...parts];
}

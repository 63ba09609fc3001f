import type { ClientRequest } from "node:http";
import { Agent, request } from "node:https";
import {
  type APIService,
  type APIServiceSpec,
  nameOf,
  pathOf,
  type ServiceTarget,
} from "../api-service/api-service.ts";
import { isAvailable } from "../api-service/conditions.ts";
import type { HeaderValues } from "./identity-headers.ts";
import { authorityOf, type Endpoint, type ResolveService } from "./resolve-service.ts";

/** What this server shows extension servers to be believed about who asks. */
export interface ClientPair {
  readonly cert: string;
  readonly key: string;
}

export interface RemoteDeps {
  readonly resolve: ResolveService;
  readonly clientPair: () => ClientPair | undefined;
}

export interface RemoteCall {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: HeaderValues;
  readonly signal?: AbortSignal;
}

export interface OpenedCall {
  readonly request: ClientRequest;
  readonly endpoint: Endpoint;
}

/** Connections kept for the next requests of one group's version. */
const maxIdleConnections = 32;
const connectTimeoutMs = 30_000;

/** An extension server, as what answers for one group's version. */
export class Remote {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly path: string;
  readonly target: ServiceTarget;
  readonly #deps: RemoteDeps;
  #service: APIService;
  #agent: Agent;

  constructor(service: APIService, target: ServiceTarget, deps: RemoteDeps) {
    const { group = "", version = "" } = service.spec;
    this.name = nameOf({ group, version });
    this.group = group;
    this.version = version;
    this.path = pathOf({ group, version });
    this.target = target;
    this.#service = service;
    this.#deps = deps;
    this.#agent = createAgent(service.spec, deps.clientPair());
  }

  get isAvailable(): boolean {
    return isAvailable(this.#service);
  }

  get priorities(): { readonly group: number; readonly version: number } {
    const { groupPriorityMinimum, versionPriority } = this.#service.spec;
    return { group: groupPriorityMinimum, version: versionPriority };
  }

  /** Takes over what is said of it now; its service must be the same. */
  update(service: APIService): void {
    const before = this.#service;
    this.#service = service;
    if (!hasSameTls(before.spec, service.spec)) this.renewConnections();
  }

  /** Opens new connections from now on; requests under way end on the old ones. */
  renewConnections(): void {
    retire(this.#agent);
    this.#agent = createAgent(this.#service.spec, this.#deps.clientPair());
  }

  /** Begins a request; the caller ends it. Throws when the service cannot be found. */
  open(call: RemoteCall): OpenedCall {
    const endpoint = this.#deps.resolve(this.target);
    return { request: this.#request(call, endpoint, { agent: this.#agent }), endpoint };
  }

  /** As `open`, over a connection of its own and with whatever certificate the server shows: to see whether it answers at all. */
  openProbe(call: RemoteCall): OpenedCall {
    const endpoint = this.#deps.resolve(this.target);
    const options = { agent: false, rejectUnauthorized: false, ...this.#deps.clientPair() } as const;
    return { request: this.#request(call, endpoint, options), endpoint };
  }

  close(): void {
    retire(this.#agent);
  }

  #request(call: RemoteCall, endpoint: Endpoint, connection: object): ClientRequest {
    const authority = authorityOf(endpoint);
    const outgoing = request({
      ...call,
      ...connection,
      ...endpoint,
      servername: `${this.target.name}.${this.target.namespace}.svc`,
      headers: { ...call.headers, host: authority },
    });
    boundConnecting(outgoing, `dial tcp ${authority}: i/o timeout`);
    return outgoing;
  }
}

function createAgent({ caBundle, insecureSkipTLSVerify }: APIServiceSpec, pair: ClientPair | undefined): Agent {
  return new Agent({
    keepAlive: true,
    maxFreeSockets: maxIdleConnections,
    rejectUnauthorized: insecureSkipTLSVerify !== true,
    ...(caBundle && !insecureSkipTLSVerify && { ca: Buffer.from(caBundle, "base64") }),
    ...pair,
  });
}

function hasSameTls(a: APIServiceSpec, b: APIServiceSpec): boolean {
  return a.caBundle === b.caBundle && (a.insecureSkipTLSVerify === true) === (b.insecureSkipTLSVerify === true);
}

function retire(agent: Agent): void {
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  // What comes back from requests under way is not kept.
  agent.maxFreeSockets = 0;
}

function boundConnecting(outgoing: ClientRequest, complaint: string): void {
  const timer = setTimeout(() => outgoing.destroy(new Error(complaint)), connectTimeoutMs);
  const stop = () => clearTimeout(timer);
  outgoing.once("close", stop);
  outgoing.once("socket", (socket) => {
    socket.setNoDelay(true);
    if (outgoing.reusedSocket) stop();
    else socket.once("secureConnect", stop);
  });
}

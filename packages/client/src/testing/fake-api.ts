import type { KubeObject } from "@tskube/api";
import { badRequest, notFound, StatusError, unknownFailure } from "@tskube/apimachinery";
import type { Clock, Logger } from "@tskube/base";
import { type Client, type ClientOptions, clientOver } from "../client.ts";
import { type KindName, type KindTypes, kinds, type ObjectOf } from "../kinds.ts";
import { joinKey, splitKey } from "../object-key.ts";
import { apiVersionOf, type ResourceInfo } from "../rest/resource.ts";
import type { Draft } from "../rest/resource-client.ts";
import { over, type Transport, type TransportRequest, type TransportResponse } from "../transport/transport.ts";
import { FakeStore } from "./fake-store.ts";
import { FakeWatch } from "./fake-watch.ts";
import { isApply, patched } from "./patches.ts";
import { createRouter, type Route } from "./route.ts";
import { selectionOf } from "./selection.ts";
import { answerSubresource } from "./subresources.ts";
import { createObject, type DeletionAsked, deleteObject, updateObject, type WriteDeps } from "./writes.ts";

export interface FakeApiOptions {
  readonly clock: Clock;
  /** Custom resources to serve besides those of `kinds`. */
  readonly resources?: readonly ResourceInfo[];
  /** Refuses `sendInitialEvents`, as servers before watch-list do. */
  readonly withoutWatchList?: boolean;
}

/** A request as reactors and assertions see it. */
export interface SeenRequest {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`. */
  readonly verb: string;
  readonly resource: string;
  readonly subresource: string | undefined;
  readonly namespace: string;
  readonly name: string | undefined;
  readonly body: unknown;
}

/** Answers before the API does: throws to fail the request, or returns nothing to let it pass. */
export type Reactor = (request: SeenRequest) => void;

/**
 * An API server's object store in memory, behind the same transport as a real one: created objects get uid, resourceVersion and
 * generation; writes conflict; finalizers and grace hold deletions; lists select and page; watches resume, bookmark and expire.
 * It knows no defaulting, validation, admission or authorization.
 */
export class FakeApi {
  readonly transport: Transport = over((request) => this.#answer(request));
  readonly store = new FakeStore();
  /** Every request so far. */
  readonly requests: SeenRequest[] = [];
  readonly #options: FakeApiOptions;
  readonly #route: (path: string) => Route | undefined;
  readonly #watches = new Set<FakeWatch>();
  readonly #reactors = new Set<Reactor>();
  readonly #deps: WriteDeps;
  #uids = 0;
  #down: Error | undefined;

  constructor(options: FakeApiOptions) {
    this.#options = options;
    this.#route = createRouter(options.resources ?? []);
    this.#deps = { store: this.store, clock: options.clock, uid: () => `uid-${++this.#uids}` };
    this.store.onChange((change) => {
      for (const watch of this.#watches) watch.offer(change);
    });
  }

  /** A client of this API, without throttling. */
  client(options: Partial<ClientOptions> & { readonly logger?: Logger } = {}): Client {
    return clientOver(this.transport, { userAgent: "test", qps: -1, clock: this.#options.clock, ...options });
  }

  /** What is stored under a key, `namespace/name` or name. */
  get<I extends ResourceInfo>(info: I, key: string): ObjectOf<I> | undefined {
    const { namespace, name } = splitKey(key);
    return this.store.find(info, namespace, name) as ObjectOf<I> | undefined;
  }

  list<I extends ResourceInfo>(info: I): ObjectOf<I>[] {
    return this.store.list(info) as ObjectOf<I>[];
  }

  /** Creates an object past the transport, status and all; a uid it brings is kept. */
  seed<K extends KindName>(kind: K, object: Draft<KindTypes[K]>): KindTypes[K] {
    const info: ResourceInfo = kinds[kind];
    const { uid, creationTimestamp, ...metadata } = object.metadata;
    const made = createObject(
      { info, namespace: metadata.namespace ?? "", name: undefined, subresource: undefined },
      { ...object, metadata },
      {
        ...this.#deps,
        uid: () => uid ?? this.#deps.uid(),
        clock: creationTimestamp
          ? { ...this.#options.clock, now: () => Date.parse(creationTimestamp) }
          : this.#options.clock,
      },
    );
    return made as unknown as KindTypes[K];
  }

  /** Changes a stored object past the transport, status and all. */
  change<K extends KindName>(kind: K, key: string, edit: (object: KindTypes[K]) => void): KindTypes[K] {
    const info: ResourceInfo = kinds[kind];
    const { namespace, name } = splitKey(key);
    const copy = structuredClone(this.store.get(info, namespace, name));
    edit(copy as unknown as KindTypes[K]);
    return this.store.replace(info, copy) as unknown as KindTypes[K];
  }

  /** Removes a stored object at once, whatever holds it. */
  remove(info: ResourceInfo, key: string): void {
    const { namespace, name } = splitKey(key);
    this.store.remove(info, namespace, name);
  }

  /** Lets `reactor` see each request first; the returned function ends that. */
  react(reactor: Reactor): () => void {
    this.#reactors.add(reactor);
    return () => this.#reactors.delete(reactor);
  }

  /** The writes so far, as `verb resource[/subresource] key`: what most tests want to look at. */
  writes(): string[] {
    return this.requests
      .filter(({ verb }) => verb !== "get" && verb !== "list" && verb !== "watch")
      .map(({ verb, resource, subresource, namespace, name }) =>
        `${verb} ${resource}${subresource ? `/${subresource}` : ""} ${joinKey(namespace, name ?? "")}`.trim(),
      );
  }

  get watches(): readonly FakeWatch[] {
    return [...this.#watches];
  }

  /** Breaks the connections of all watches. */
  cutWatches(): void {
    for (const watch of this.#watches) watch.cut(new Error("socket hang up"));
  }

  /** Ends all watches as a server does whose time is over. */
  endWatches(): void {
    for (const watch of this.#watches) watch.end();
  }

  bookmark(): void {
    for (const watch of this.#watches) watch.bookmark(this.store.revision);
  }

  /** Refuses connections until `restart`; watches break. */
  goDown(): void {
    this.#down = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    this.cutWatches();
  }

  restart(): void {
    this.#down = undefined;
  }

  async #answer(request: TransportRequest): Promise<TransportResponse> {
    await Promise.resolve(); // an answer never comes within the caller's own turn
    request.signal?.throwIfAborted();
    if (this.#down) throw this.#down;
    try {
      return this.#dispatch(request);
    } catch (error) {
      const { status, code } = StatusError.from(error);
      const retryAfter = status.details?.retryAfterSeconds;
      return jsonResponse(code, status, retryAfter === undefined ? {} : { "retry-after": String(retryAfter) });
    }
  }

  #dispatch(request: TransportRequest): TransportResponse {
    const url = new URL(request.path, "http://fake");
    const route = this.#route(url.pathname);
    if (!route) throw unknownFailure(404, "the server could not find the requested resource");
    const verb = verbOf(request.method, route, url.searchParams);
    const body = parseBody(request);
    const seen = {
      verb,
      resource: route.info.resource,
      subresource: route.subresource,
      namespace: route.namespace,
      name: route.name,
      body,
    };
    this.requests.push(seen);
    for (const reactor of this.#reactors) reactor(seen);
    if (verb === "watch") return this.#watch(route, url.searchParams, request.signal);
    return jsonResponse(verb === "create" ? 201 : 200, this.#perform(verb, route, url.searchParams, request, body));
  }

  #perform(verb: string, route: Route, query: URLSearchParams, request: TransportRequest, body: unknown): unknown {
    if (route.subresource !== undefined && route.subresource !== "status")
      return answerSubresource(verb, route, body, this.#deps);
    switch (verb) {
      case "get":
        return this.store.get(route.info, route.namespace, route.name ?? "");
      case "list":
        return this.#list(route, query);
      case "create":
        return createObject(route, body, this.#deps);
      case "update":
        return updateObject(route, body, this.#deps);
      case "patch":
        return this.#patch(route, request);
      case "delete":
        return deleteObject(route, (body ?? {}) as DeletionAsked, this.#deps);
      default:
        return this.#deleteCollection(route, query, (body ?? {}) as DeletionAsked);
    }
  }

  #list({ info, namespace }: Route, query: URLSearchParams): unknown {
    const selects = selectionOf(query, namespace);
    const sorted = this.store.list(info).filter(selects).sort(byKey);
    const from = Number(query.get("continue") ?? 0);
    const limit = Number(query.get("limit") ?? 0) || sorted.length;
    const items = sorted.slice(from, from + limit);
    const next = from + items.length;
    const metadata = {
      resourceVersion: String(this.store.revision),
      ...(next < sorted.length && { continue: String(next) }),
    };
    return { apiVersion: apiVersionOf(info), kind: `${info.kind}List`, metadata, items };
  }

  #patch(route: Route, request: TransportRequest): KubeObject {
    const { info, namespace, name = "" } = route;
    const contentType = request.headers["content-type"] ?? "";
    const text = bodyText(request);
    const old = this.store.find(info, namespace, name);
    if (!old && isApply(contentType))
      return createObject(route, patched(info, {} as KubeObject, contentType, text), this.#deps);
    if (!old) throw notFound(info, name);
    const next = patched(info, old, contentType, text) as KubeObject;
    return updateObject(route, next, this.#deps);
  }

  #deleteCollection(route: Route, query: URLSearchParams, asked: DeletionAsked): unknown {
    const doomed = this.store.list(route.info).filter(selectionOf(query, route.namespace));
    for (const { metadata } of doomed) {
      deleteObject({ ...route, namespace: metadata.namespace ?? "", name: metadata.name }, asked, this.#deps);
    }
    return this.#list(route, query);
  }

  #watch(route: Route, query: URLSearchParams, signal: AbortSignal | undefined): TransportResponse {
    const watch = new FakeWatch(route, selectionOf(query, route.namespace));
    const version = query.get("resourceVersion") ?? "";
    if (query.get("sendInitialEvents") === "true") {
      if (this.#options.withoutWatchList)
        throw badRequest("sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled");
      watch.sendInitial(this.store);
    } else if (version !== "" && version !== "0") {
      try {
        for (const change of this.store.since(Number(version))) watch.offer(change);
      } catch (error) {
        watch.error(StatusError.from(error));
      }
    } else {
      watch.sendInitial(this.store);
    }
    return { status: 200, headers: { "content-type": "application/json" }, body: this.#open(watch, query, signal) };
  }

  async *#open(watch: FakeWatch, query: URLSearchParams, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    const seconds = Number(query.get("timeoutSeconds") ?? 0);
    const cancel = seconds > 0 ? this.#options.clock.after(seconds * 1000, () => watch.end()) : () => {};
    const abort = () => watch.cut(new Error("aborted"));
    signal?.addEventListener("abort", abort, { once: true });
    this.#watches.add(watch);
    try {
      yield* watch;
    } finally {
      this.#watches.delete(watch);
      signal?.removeEventListener("abort", abort);
      cancel();
    }
  }
}

function verbOf(method: string, { name }: Route, query: URLSearchParams): string {
  switch (method) {
    case "GET":
      return query.get("watch") === "true" ? "watch" : name === undefined ? "list" : "get";
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    default:
      return name === undefined ? "deletecollection" : "delete";
  }
}

function bodyText({ body }: TransportRequest): string {
  return body === undefined ? "" : typeof body === "string" ? body : Buffer.from(body).toString("utf8");
}

/** An apply patch may be YAML; assertions get what a JSON body says. */
function parseBody(request: TransportRequest): unknown {
  const text = bodyText(request);
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function byKey(a: KubeObject, b: KubeObject): number {
  const [x, y] = [a, b].map(({ metadata }) => joinKey(metadata.namespace, metadata.name));
  return (x ?? "") < (y ?? "") ? -1 : 1;
}

function jsonResponse(status: number, value: unknown, headers: Record<string, string> = {}): TransportResponse {
  const bytes = Buffer.from(JSON.stringify(value));
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: (async function* () {
      yield bytes;
    })(),
  };
}

import type { KubeObject, ObjectMeta } from "@tskube/api";
import { type WatchEvent, type WatchOptions, watch } from "../watch/watch.ts";
import { apiVersionOf, type Query, type ResourceInfo, type ResourcePath, resourcePath } from "./resource.ts";
import type { RestClient, RestRequest } from "./rest-client.ts";

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface WriteOptions extends CallOptions {
  readonly fieldManager?: string;
  readonly fieldValidation?: "Strict" | "Warn" | "Ignore";
  /** Goes through everything but storing. */
  readonly dryRun?: boolean;
}

/** An object to be written: its type may be left to the client. */
export type Draft<T extends KubeObject> = Omit<T, "kind" | "apiVersion" | "metadata"> & {
  kind?: string;
  apiVersion?: string;
  metadata: Omit<ObjectMeta, "name"> & { name?: string };
};

export type PatchType = "json" | "merge" | "strategic" | "apply";

export interface PatchOptions extends WriteOptions {
  /** Strategic merge when absent, which built-in kinds support and custom resources do not. */
  readonly type?: PatchType;
  readonly subresource?: string;
  /** Takes over fields of other managers; for `apply` only. */
  readonly force?: boolean;
}

export interface DeleteOptions extends CallOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Orphan" | "Background" | "Foreground";
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}

export interface ListOptions extends CallOptions {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: "Exact" | "NotOlderThan" | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
}

export interface ObjectList<T> {
  readonly metadata: {
    readonly resourceVersion?: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly T[];
}

/** Calls on one resource, in one namespace or in all. Every failure is a `StatusError` when the server answered. */
export interface ResourceClient<T extends KubeObject> {
  readonly info: ResourceInfo;
  /** The same resource in one namespace. */
  in(namespace: string): ResourceClient<T>;
  get(name: string, options?: CallOptions & { readonly resourceVersion?: string }): Promise<T>;
  /** One page: all there is unless `limit` is given. */
  list(options?: ListOptions): Promise<ObjectList<T>>;
  /** Pages of `limit` objects (500 when absent) of one consistent snapshot. */
  pages(options?: ListOptions): AsyncGenerator<ObjectList<T>>;
  create(object: Draft<T>, options?: WriteOptions): Promise<T>;
  update(object: Draft<T>, options?: WriteOptions): Promise<T>;
  updateStatus(object: Draft<T>, options?: WriteOptions): Promise<T>;
  patch(name: string, patch: unknown, options?: PatchOptions): Promise<T>;
  /** A strategic merge patch of the status subresource. */
  patchStatus(name: string, patch: unknown, options?: PatchOptions): Promise<T>;
  /** Server-side apply of an object that holds only what `fieldManager` wants. */
  apply(object: Draft<T>, options: PatchOptions & { readonly fieldManager: string }): Promise<T>;
  /** Resolves with the object while it still terminates, or with a Status. */
  delete(name: string, options?: DeleteOptions): Promise<KubeObject>;
  deleteCollection(options?: DeleteOptions, which?: ListOptions): Promise<void>;
  watch(options?: WatchOptions): AsyncGenerator<WatchEvent<T>>;
  /** A subresource of one object: `binding`, `eviction`, `scale`, `token`, `log`. */
  sub<S = KubeObject>(name: string, subresource: string): SubresourceClient<S>;
}

export interface SubresourceClient<S> {
  readonly path: string;
  get(options?: CallOptions & { readonly query?: Query }): Promise<S>;
  create(body: S, options?: WriteOptions): Promise<S>;
  update(body: S, options?: WriteOptions): Promise<S>;
  text(options?: CallOptions & { readonly query?: Query }): Promise<string>;
}

const defaultPageSize = 500;

const patchContentTypes: Readonly<Record<PatchType, string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

export function createResourceClient<T extends KubeObject>(
  rest: RestClient,
  info: ResourceInfo,
  namespace?: string,
): ResourceClient<T> {
  const collection = () => resourcePath(info, { namespace });

  /** The path to one object; the client's namespace, else the object's own. */
  function objectPath(name: string, at: Omit<ResourcePath, "name"> = {}): string {
    const where = at.namespace ?? namespace;
    if (info.namespaced && !where)
      throw new Error(`a namespace is needed for ${info.resource} ${JSON.stringify(name)}`);
    return resourcePath(info, { ...at, namespace: where, name });
  }

  function write(
    method: RestRequest["method"],
    path: string,
    body: unknown,
    options: WriteOptions = {},
    more: Partial<RestRequest> = {},
  ) {
    const { signal, timeoutMs, ...query } = options;
    return rest.json<T>({
      method,
      path,
      body,
      signal,
      timeoutMs,
      ...more,
      query: { ...writeQuery(query), ...more.query },
    });
  }

  function put(object: Draft<T>, options: WriteOptions | undefined, subresource?: string): Promise<T> {
    const at = {
      ...(object.metadata.namespace && { namespace: object.metadata.namespace }),
      ...(subresource && { subresource }),
    };
    return write("PUT", objectPath(nameOf(object), at), typed(info, object), options);
  }

  const self: ResourceClient<T> = {
    info,
    in: (ns) => createResourceClient<T>(rest, info, ns),
    get(name, { signal, timeoutMs, ...query } = {}) {
      return rest.json({ method: "GET", path: objectPath(name), query, signal, timeoutMs });
    },
    list({ signal, timeoutMs, ...query } = {}) {
      return rest.json({ method: "GET", path: collection(), query: query as Query, signal, timeoutMs });
    },
    async *pages(options = {}) {
      let page = await self.list({ limit: defaultPageSize, ...options });
      yield page;
      while (page.metadata.continue) {
        const { resourceVersion: _fixedByToken, resourceVersionMatch: _match, ...rest } = options;
        page = await self.list({ limit: defaultPageSize, ...rest, continue: page.metadata.continue });
        yield page;
      }
    },
    create(object, options) {
      const where = namespace || object.metadata.namespace;
      return write("POST", resourcePath(info, { namespace: where }), typed(info, object), options);
    },
    update: (object, options) => put(object, options),
    updateStatus: (object, options) => put(object, options, "status"),
    patch(name, patch, { type = "strategic", subresource, force, ...options } = {}) {
      const path = objectPath(name, subresource ? { subresource } : {});
      return write("PATCH", path, patch, options, { contentType: patchContentTypes[type], query: { force } });
    },
    patchStatus: (name, patch, options) => self.patch(name, patch, { ...options, subresource: "status" }),
    apply(object, options) {
      const where =
        self.info.namespaced && !namespace && object.metadata.namespace ? self.in(object.metadata.namespace) : self;
      return where.patch(nameOf(object), typed(info, object), { ...options, type: "apply" });
    },
    delete(name, { signal, timeoutMs, ...options } = {}) {
      return rest.json({ method: "DELETE", path: objectPath(name), body: deleteBody(options), signal, timeoutMs });
    },
    async deleteCollection({ signal, timeoutMs, ...options } = {}, which = {}) {
      await rest.json({
        method: "DELETE",
        path: collection(),
        body: deleteBody(options),
        query: which as Query,
        signal,
        timeoutMs,
      });
    },
    watch: (options = {}) => watch<T>(rest, collection(), options),
    sub: <S>(name: string, subresource: string) => createSubresourceClient<S>(rest, objectPath(name, { subresource })),
  };
  return self;
}

function createSubresourceClient<S>(rest: RestClient, path: string): SubresourceClient<S> {
  const write = (method: "POST" | "PUT", body: S, { signal, timeoutMs, ...query }: WriteOptions = {}) =>
    rest.json<S>({ method, path, body, query: writeQuery(query), signal, timeoutMs });
  return {
    path,
    get: ({ query, ...options } = {}) => rest.json<S>({ method: "GET", path, ...(query && { query }), ...options }),
    create: (body, options) => write("POST", body, options),
    update: (body, options) => write("PUT", body, options),
    text: ({ query, ...options } = {}) => rest.text({ method: "GET", path, ...(query && { query }), ...options }),
  };
}

function nameOf(object: Draft<KubeObject>): string {
  const name = object.metadata.name;
  if (!name) throw new Error(`${object.kind ?? "object"} has no name`);
  return name;
}

/** Items of lists come without kind and apiVersion; a body needs them. */
function typed<T extends KubeObject>(info: ResourceInfo, object: Draft<T>): Draft<T> {
  return object.kind && object.apiVersion ? object : { ...object, kind: info.kind, apiVersion: apiVersionOf(info) };
}

function writeQuery({ dryRun, fieldManager, fieldValidation }: WriteOptions): Query {
  return { fieldManager, fieldValidation, dryRun: dryRun ? "All" : undefined };
}

function deleteBody({ dryRun, ...options }: DeleteOptions) {
  return { kind: "DeleteOptions", apiVersion: "v1", ...options, ...(dryRun && { dryRun: ["All"] }) };
}

import { type DeleteOptions, decodeObject, decodeProtobuf } from "@tskube/api";
import { badRequest, isNotFound } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import type { Store } from "@tskube/store";
import { isTrue } from "../filters/request-info.ts";
import type { RequestContext } from "../http/context.ts";
import type { DeleteRequest } from "../registry/deletion.ts";
import type { Deleted } from "../registry/resource-store.ts";
import type { WriteScope } from "../registry/write-scope.ts";
import type { Entry } from "../watch-cache/entry.ts";
import { parseListOptions } from "./list-options.ts";
import { bodyFormat, readBody } from "./read-body.ts";
import { type Listed, listObjects } from "./read-objects.ts";
import type { ServedResource } from "./served-resource.ts";
import { dryRunOf, writeScope } from "./write-options.ts";

/** How many objects of a collection are deleted at once. */
const concurrency = 16;

interface Deletion {
  readonly scope: WriteScope;
  readonly request: DeleteRequest;
}

export async function deleteObject(context: RequestContext, resource: ServedResource): Promise<Deleted> {
  const { scope, request } = await readDeletion(context);
  return resource.store.delete(scope, context.info.name, request);
}

/** Deletes what a list with the same options would show; returns that list. */
export async function deleteCollection(
  context: RequestContext,
  resource: ServedResource,
  store: Store,
): Promise<Listed> {
  const { scope, request } = await readDeletion(context);
  const { query } = context.exchange.url;
  const options = parseListOptions(query, resource.info, (field) => resource.isSelectable(field), false);
  await resource.store.admitCollectionDeletion(scope);
  const listed = await listObjects(resource, store, context.info.namespace, options);
  const queue = [...listed.entries];
  const deleteNext = async () => {
    for (let entry = queue.shift(); entry; entry = queue.shift()) {
      scope.signal.throwIfAborted();
      await deleteOne(resource, { ...scope, namespace: entry.namespace }, entry, request);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, queue.length) }, deleteNext));
  return listed;
}

async function deleteOne(
  resource: ServedResource,
  scope: WriteScope,
  entry: Entry,
  request: DeleteRequest,
): Promise<void> {
  try {
    await resource.store.delete(scope, entry.name, { ...request, admission: "validate" });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** DeleteOptions come as the body or in the query; a body wins. */
async function readDeletion(context: RequestContext): Promise<Deletion> {
  const { exchange } = context;
  const format = bodyFormat(exchange);
  const body = await readBody(exchange);
  const options = body.byteLength > 0 ? parseOptions(body, format) : queryOptions(exchange.url.query);
  const { dryRun = [], preconditions, gracePeriodSeconds, propagationPolicy, orphanDependents } = options;
  if (orphanDependents !== undefined && propagationPolicy !== undefined) {
    throw badRequest(
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: orphanDependents and deletionPropagation cannot be both set',
    );
  }
  if (body.byteLength > 0) {
    exchange.audit?.requested({ kind: "DeleteOptions", apiVersion: "meta.k8s.io/v1", ...options });
  }
  const scope = { ...writeScope(context, "DeleteOptions"), dryRun: dryRunOf(dryRun, "DeleteOptions") };
  return {
    scope: { ...scope, options: { ...options, kind: "DeleteOptions", apiVersion: "meta.k8s.io/v1" } },
    request: {
      ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
      ...(propagationPolicy !== undefined && { propagationPolicy }),
      ...(orphanDependents !== undefined && { orphanDependents }),
      ...(preconditions?.uid && { uid: preconditions.uid }),
      ...(preconditions?.resourceVersion && { resourceVersion: preconditions.resourceVersion }),
    },
  };
}

type Options = Partial<DeleteOptions>;

function parseOptions(body: Buffer, format: "json" | "yaml" | "protobuf"): Options {
  try {
    if (format === "protobuf")
      return decodeProtobuf(body, { group: "", version: "v1", kind: "DeleteOptions" }) as Options;
    return decodeObject("meta/v1.DeleteOptions", body, { format }).object as Options;
  } catch (error) {
    throw badRequest(`could not decode DeleteOptions: ${errorMessage(error)}`);
  }
}

function queryOptions(query: URLSearchParams): Options {
  const grace = query.get("gracePeriodSeconds");
  const policy = query.get("propagationPolicy");
  const orphan = query.get("orphanDependents");
  if (grace !== null && !/^-?[0-9]+$/.test(grace)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`);
  }
  return {
    dryRun: query.getAll("dryRun"),
    ...(grace !== null && { gracePeriodSeconds: Number(grace) }),
    ...(policy && { propagationPolicy: policy }),
    ...(orphan !== null && { orphanDependents: isTrue(orphan) }),
  };
}

import { badRequest, methodNotAllowed, methodNotSupported, parseResourceVersion } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { Store } from "@tskube/store";
import type { Handler, RequestContext } from "../http/context.ts";
import type { Deleted } from "../registry/resource-store.ts";
import type { Entry } from "../watch-cache/entry.ts";
import type { EncodingChooser } from "./choose-encoding.ts";
import { deleteCollection, deleteObject } from "./delete-objects.ts";
import { parseListOptions } from "./list-options.ts";
import { type Listed, listObjects, readObject } from "./read-objects.ts";
import { sendJson, sendParts } from "./respond.ts";
import type { ServedResource } from "./served-resource.ts";
import { watchObjects } from "./watch-objects.ts";
import { createObject, patchObject, replaceObject, type WrittenPart } from "./write-objects.ts";

export interface ServeDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
  readonly minWatchMs: number;
  readonly draining: AbortSignal;
}

/** Answers requests for a resource's objects, verb by verb. */
export function serveResource(deps: ServeDeps, resource: ServedResource, encodings: EncodingChooser): Handler {
  const whole: WrittenPart = {
    subresource: "",
    rules: resource.strategy,
    mayCreate: resource.strategy.allowCreateOnUpdate === true,
  };
  const verbs: Readonly<Record<string, Handler>> = {
    get: (context) => getOne(context, resource, encodings),
    list: (context) => list(deps, context, resource, encodings),
    watch: (context) => watch(deps, context, resource, encodings),
    create: async (context) => {
      const encoding = encodings.choose(context.exchange);
      await sendEntry(context, 201, encodings, encoding, await createObject(context, resource));
    },
    update: (context) => write(context, encodings, () => replaceObject(context, resource, whole)),
    patch: (context) => write(context, encodings, () => patchObject(context, resource, whole)),
    delete: async (context) => sendDeleted(context, resource, encodings, await deleteObject(context, resource)),
    deletecollection: async (context) =>
      sendList(context, encodings, await deleteCollection(context, resource, deps.store)),
  };
  return (context) => {
    const { verb, name } = context.info;
    checkPath(verb, name);
    const isServed = (resource.info.verbs as readonly string[]).includes(verb);
    const handle = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    if (!isServed || !handle) throw methodNotSupported(resource.info, verb);
    return handle(context);
  };
}

/** Objects are created at their collection, and changed at a path of their own. */
function checkPath(verb: string, name: string): void {
  const isWrong = verb === "create" ? name !== "" : (verb === "update" || verb === "patch") && name === "";
  if (isWrong) throw methodNotAllowed();
}

/** Answers requests for a part of an object that has the object's own kind (`status` and its like). */
export function servePart(resource: ServedResource, encodings: EncodingChooser, part: WrittenPart): Handler {
  return (context) => {
    switch (context.info.verb) {
      case "get":
        return getOne(context, resource, encodings);
      case "update":
        return write(context, encodings, () => replaceObject(context, resource, part));
      case "patch":
        return write(context, encodings, () => patchObject(context, resource, part));
      default:
        throw methodNotSupported(resource.info, context.info.verb);
    }
  };
}

async function getOne(context: RequestContext, resource: ServedResource, encodings: EncodingChooser): Promise<void> {
  const { exchange, info } = context;
  const encoding = encodings.choose(exchange);
  const version = exchange.url.query.get("resourceVersion");
  const minRevision = version ? parseResourceVersion(version) : undefined;
  if (version && minRevision === undefined) throw badRequest(`invalid resource version ${JSON.stringify(version)}`);
  await sendEntry(
    context,
    200,
    encodings,
    encoding,
    await readObject(resource, info.namespace, info.name, minRevision),
  );
}

async function list(
  deps: ServeDeps,
  context: RequestContext,
  resource: ServedResource,
  encodings: EncodingChooser,
): Promise<void> {
  const { exchange, info } = context;
  const options = parseListOptions(exchange.url.query, resource.info, (field) => resource.isSelectable(field), false);
  await sendList(context, encodings, await listObjects(resource, deps.store, info.namespace, options));
}

function watch(
  deps: ServeDeps,
  context: RequestContext,
  resource: ServedResource,
  encodings: EncodingChooser,
): Promise<void> {
  const { exchange } = context;
  const options = parseListOptions(exchange.url.query, resource.info, (field) => resource.isSelectable(field), true);
  return watchObjects(deps, context, resource, options, encodings.choose(exchange));
}

async function write(
  context: RequestContext,
  encodings: EncodingChooser,
  act: () => Promise<{ readonly entry: Entry; readonly isNew: boolean }>,
): Promise<void> {
  const encoding = encodings.choose(context.exchange);
  const { entry, isNew } = await act();
  await sendEntry(context, isNew ? 201 : 200, encodings, encoding, entry);
}

type Chosen = ReturnType<EncodingChooser["choose"]>;

function sendEntry(
  { exchange }: RequestContext,
  status: number,
  encodings: EncodingChooser,
  encoding: Chosen,
  entry: Entry,
): Promise<void> {
  exchange.audit?.answered(() => encodings.asJson(encoding).object(entry).toString());
  return sendParts(exchange, status, encoding.mediaType, [encoding.object(entry)]);
}

function sendList(context: RequestContext, encodings: EncodingChooser, listed: Listed): Promise<void> {
  const { exchange } = context;
  const encoding = encodings.choose(exchange);
  exchange.audit?.answered(() =>
    Buffer.concat(encodings.asJson(encoding).list(listed.entries, listed.position)).toString(),
  );
  return sendParts(exchange, 200, encoding.mediaType, encoding.list(listed.entries, listed.position));
}

function sendDeleted(
  context: RequestContext,
  resource: ServedResource,
  encodings: EncodingChooser,
  { entry, isGone }: Deleted,
): Promise<void> | void {
  if (!isGone || resource.strategy.returnsDeletedObject) {
    return sendEntry(context, 200, encodings, encodings.choose(context.exchange), entry);
  }
  const { group, resource: kind } = resource.info;
  const { uid } = entry.object.metadata;
  sendJson(context.exchange, 200, {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: { name: entry.name, ...(group && { group }), kind, ...(uid && { uid }) },
  });
}

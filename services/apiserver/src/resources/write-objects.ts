import type { KubeObject } from "@tskube/api";
import { badRequest, field, invalid, methodNotSupported, Path } from "@tskube/apimachinery";
import type { RequestContext } from "../http/context.ts";
import type { UpdateRequest, Written } from "../registry/resource-store.ts";
import type { UpdateRules } from "../registry/strategy.ts";
import type { WriteScope } from "../registry/write-scope.ts";
import type { Entry } from "../watch-cache/entry.ts";
import { applyPatchType, readPatch } from "./patch.ts";
import { bodyFormat, bodyType, readBody } from "./read-body.ts";
import type { ServedResource } from "./served-resource.ts";
import { decodeRequest, isForced, requireManager, writeScope } from "./write-options.ts";

/** A way of writing a resource's objects: the whole object or one of its subresources that has the object's own kind. */
export interface WrittenPart {
  /** Empty for the whole. */
  readonly subresource: string;
  readonly rules: UpdateRules<KubeObject>;
  readonly mayCreate: boolean;
}

export async function createObject(context: RequestContext, resource: ServedResource): Promise<Entry> {
  const { exchange, info } = context;
  const scope = scopeOf(context, resource, "CreateOptions");
  const format = bodyFormat(exchange);
  const sent = resource.codec.decode(await readBody(exchange), format, decodeRequest(context, "CreateOptions"));
  const wrong = resource.checkNew?.(sent) ?? [];
  if (wrong.length > 0) throw invalid(resource.info, sent.metadata.name, wrong);
  const object = stored(resource, sent);
  checkNamespace(object, info.namespace);
  return resource.store.create(scope, object);
}

export async function replaceObject(
  context: RequestContext,
  resource: ServedResource,
  part: WrittenPart,
): Promise<Written> {
  const { exchange, info } = context;
  const scope = scopeOf(context, resource, "UpdateOptions");
  const format = bodyFormat(exchange);
  const body = await readBody(exchange);
  const sent = stored(resource, resource.codec.decode(body, format, decodeRequest(context, "UpdateOptions")));
  requireName(sent, info.name);
  checkName(sent, info.name);
  checkNamespace(sent, info.namespace);
  return resource.store.update(scope, info.name, {
    ...part,
    recordsFields: true,
    change(current) {
      if (current && resource.strategy.requiresResourceVersion) requireVersion(sent, resource);
      return structuredClone(sent);
    },
  });
}

function requireVersion({ metadata }: KubeObject, { info }: ServedResource): void {
  if (metadata.resourceVersion && metadata.resourceVersion !== "0") return;
  const at = Path.of("metadata", "resourceVersion");
  throw invalid(info, metadata.name, [field.invalid(at, 0n, "must be specified for an update")]);
}

export function patchObject(context: RequestContext, resource: ServedResource, part: WrittenPart): Promise<Written> {
  return bodyType(context.exchange) === applyPatchType
    ? applyObject(context, resource, part)
    : mergePatch(context, resource, part);
}

async function mergePatch(context: RequestContext, resource: ServedResource, part: WrittenPart): Promise<Written> {
  const { exchange, info } = context;
  const scope = scopeOf(context, resource, "PatchOptions");
  if (exchange.url.query.has("force")) {
    throw badRequest(
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    );
  }
  const request = decodeRequest(context, "PatchOptions");
  const patch = readPatch(bodyType(exchange), await readBody(exchange), resource.codec.type, request);
  exchange.audit?.patched(patch.value);
  return resource.store.update(scope, info.name, {
    ...part,
    mayCreate: false,
    recordsFields: true,
    change(current) {
      if (!current) throw methodNotSupported(resource.info, "patch");
      const served = resource.toServed ? resource.toServed(current) : current;
      const patched = resource.codec.readPatched(patch.apply(served), patch.duplicates, request, patch.describe);
      checkName(patched, info.name);
      return stored(resource, patched);
    },
  });
}

async function applyObject(context: RequestContext, resource: ServedResource, part: WrittenPart): Promise<Written> {
  const { exchange, info } = context;
  requireManager(exchange.url.query);
  const scope = scopeOf(context, resource, "PatchOptions");
  const body = await readBody(exchange);
  const applied = resource.codec.decodeApplied(body, decodeRequest(context, "PatchOptions"));
  exchange.audit?.patched(applied);
  checkName(applied, info.name);
  checkNamespace(applied, info.namespace);
  if (applied.metadata.managedFields?.length) {
    throw badRequest("metadata.managedFields must be nil");
  }
  const force = isForced(exchange.url.query);
  return resource.store.update(scope, info.name, {
    ...part,
    mayCreate: part.subresource === "",
    recordsFields: false,
    change: (current) => applyTo(resource, scope, part, applied, current, force),
  });
}

function applyTo(
  resource: ServedResource,
  scope: WriteScope,
  part: WrittenPart,
  applied: KubeObject,
  current: KubeObject | undefined,
  isForced: boolean,
): KubeObject {
  const merged = resource.store.applyFields(structuredClone(applied), current, scope, part.subresource, isForced);
  return stored(resource, resource.codec.complete(merged));
}

export function updateRequest(part: WrittenPart, change: UpdateRequest["change"]): UpdateRequest {
  return { ...part, recordsFields: true, change };
}

/** The scope of a write, with the fields known as the request's version has them. */
function scopeOf(
  context: RequestContext,
  { fields }: ServedResource,
  kind: Parameters<typeof writeScope>[1],
): WriteScope {
  const scope = writeScope(context, kind);
  return fields ? { ...scope, fields } : scope;
}

function stored(resource: ServedResource, served: KubeObject): KubeObject {
  return resource.toStored ? resource.toStored(served) : served;
}

/** Whoever replaces an object says which: a body that forgot its metadata is not to become one. */
function requireName(object: KubeObject, name: string): void {
  if (object.metadata.name) return;
  throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
}

function checkName(object: KubeObject, name: string): void {
  const found = object.metadata.name;
  if (!found) object.metadata.name = name;
  else if (found !== name) {
    throw badRequest(`the name of the object (${found}) does not match the name on the URL (${name})`);
  }
}

function checkNamespace(object: KubeObject, namespace: string): void {
  const found = object.metadata.namespace;
  if (!found && namespace !== "") object.metadata.namespace = namespace;
  else if (found && found !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
}

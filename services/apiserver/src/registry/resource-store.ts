import type { KubeObject, ResourceInfo } from "@tskube/api";
import {
  alreadyExists,
  conflict,
  deepClone,
  type FieldError,
  invalid,
  isAlreadyExists,
  notFound,
  StatusError,
} from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { Store } from "@tskube/store";
import type { AdmissionAttributes, Operation } from "../admission/plugin.ts";
import { Entry } from "../watch-cache/entry.ts";
import type { WatchCache } from "../watch-cache/watch-cache.ts";
import type { AdmissionChain } from "./admission-chain.ts";
import { attributesOf } from "./attributes.ts";
import { createErrors, updateErrors } from "./checks.ts";
import { type DeleteRequest, failedPrecondition, planDeletion } from "./deletion.ts";
import type { FieldManagement } from "./field-management.ts";
import { keepReadableManagers } from "./keep-readable-managers.ts";
import { countGeneration, keepSystemMetadata, stampCreation } from "./metadata.ts";
import { keyOf, StoredObjects } from "./stored-objects.ts";
import type { Strategy, UpdateRules } from "./strategy.ts";
import type { WriteScope } from "./write-scope.ts";

export interface ResourceStoreDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly admission: AdmissionChain;
  readonly fields: FieldManagement;
}

/** What admission sees of an object where that is not the object itself. */
export interface SeenObject {
  readonly kind: string;
  /** Makes a new object. */
  show(object: KubeObject): KubeObject;
  /** The object as admission wants it, which may have changed what it saw. */
  take(object: KubeObject, seen: KubeObject): KubeObject;
}

/** One way of changing an object. */
export interface UpdateRequest {
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly rules: UpdateRules<KubeObject>;
  /** Whether the object is created when it does not exist. */
  readonly mayCreate: boolean;
  /** Apply records field managers by itself. */
  readonly recordsFields: boolean;
  readonly seen?: SeenObject;
  /** Makes the new object; `current` is a private copy, undefined when nothing exists. Called again when another writer was faster. */
  change(current: KubeObject | undefined): Promise<KubeObject> | KubeObject;
}

/** A request to a subresource with a kind of its own. */
export interface SubresourceRequest {
  readonly operation: Operation;
  readonly subresource: string;
  readonly kind: string;
  /** The object whose subresource it is. */
  readonly name: string;
  readonly object: KubeObject | undefined;
}

export interface Written {
  readonly entry: Entry;
  readonly isNew: boolean;
}

export interface Deleted {
  /** The object as it was last, or as it is now that it is marked. */
  readonly entry: Entry;
  readonly isGone: boolean;
}

/** The most a write tries again because others changed the same object; each try begins from what stood there. */
const maxAttempts = 32;

/** The most names made up for an object. */
const maxNames = 8;

const lostRace = "the object has been modified; please apply your changes to the latest version and try again";

/** Writes one resource's objects: metadata, strategy, admission, validation, and a transaction that holds it all together. */
export class ResourceStore {
  readonly info: ResourceInfo;
  readonly strategy: Strategy;
  readonly cache: WatchCache;
  readonly #deps: ResourceStoreDeps;
  readonly #objects: StoredObjects;

  constructor(deps: ResourceStoreDeps, info: ResourceInfo, strategy: Strategy, cache: WatchCache) {
    this.#deps = deps;
    this.#objects = new StoredObjects(deps.store, cache, strategy);
    this.info = info;
    this.strategy = strategy;
    this.cache = cache;
  }

  /** The object as the store has it; throws `notFound`. */
  async read(namespace: string, name: string): Promise<Entry> {
    const entry = await this.#objects.read(keyOf(namespace, name));
    if (!entry) throw notFound(this.info, name);
    return entry;
  }

  /** Stores a new object, which may be changed on the way; throws `alreadyExists`. A name that is made up is made up again if it is taken. */
  async create(scope: WriteScope, object: KubeObject): Promise<Entry> {
    const { name, generateName } = object.metadata;
    if (name || !generateName) return this.#create(scope, object, true);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#create(scope, deepClone(object), true);
      } catch (error) {
        if (!isAlreadyExists(error) || attempt >= maxNames) throw error;
      }
    }
  }

  async #create(scope: WriteScope, object: KubeObject, recordsFields: boolean): Promise<Entry> {
    stampCreation(object, scope.namespace, this.strategy.hasGeneration === true, this.#deps.clock.now());
    this.strategy.noteRequester?.(object, scope.user);
    // Fields are those of whoever sent them: what the kind itself settles is nobody's.
    if (recordsFields) this.#recordFields(object, undefined, scope, "");
    this.strategy.prepareForCreate?.(object);
    const attributes = this.#attributes("CREATE", scope, "", object, undefined);
    await this.#admit(attributes, object, scope);
    for (let attempt = 1; ; attempt++) {
      const candidate = this.strategy.allocate ? deepClone(object) : object;
      this.#refuse(object.metadata.name, this.strategy.allocate?.(candidate, undefined) ?? []);
      this.#refuse(object.metadata.name, createErrors(candidate, this.info, this.strategy));
      await this.#deps.admission.validate({ ...attributes, object: candidate }, scope.signal);
      this.#warn(scope, candidate, undefined);
      const stored = await this.#objects.put(candidate, undefined, scope.dryRun);
      if (stored instanceof Entry) return stored;
      if (!stored.isClaim) throw alreadyExists(this.info, object.metadata.name);
      if (attempt >= maxAttempts) throw conflict(this.info, object.metadata.name, lostRace);
    }
  }

  /** Changes an object until the change is stored; throws `notFound`, `conflict`, `invalid` or what `change` throws. */
  async update(scope: WriteScope, name: string, request: UpdateRequest): Promise<Written> {
    const key = keyOf(scope.namespace, name);
    let current = this.cache.get(key) ?? (await this.#objects.read(key));
    let isSure = this.cache.get(key) !== current;
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      scope.signal.throwIfAborted();
      try {
        const result = await this.#tryUpdate(scope, name, current, request);
        if (result) return result;
      } catch (error) {
        // What the cache has may be old: an error counts only against what the store has.
        if (isSure || !(error instanceof StatusError)) throw error;
        const stored = await this.#objects.read(key);
        if (stored?.revision === current?.revision) throw error;
      }
      current = await this.#objects.read(key);
      isSure = true;
    }
    throw conflict(this.info, name, lostRace);
  }

  /** Asks admission about a request to a subresource that is not written like the object itself. */
  async admit(scope: WriteScope, request: SubresourceRequest): Promise<void> {
    const { operation, subresource, name, object, kind } = request;
    const attributes = { ...this.#attributes(operation, scope, subresource, object, undefined, name), kind };
    await this.#deps.admission.admit(attributes, scope.signal);
    await this.#deps.admission.validate(attributes, scope.signal);
  }

  /** Asks those who could change a deletion about that of a collection; each of its objects is judged when it goes. */
  async admitCollectionDeletion(scope: WriteScope): Promise<void> {
    await this.#deps.admission.admit(this.#attributes("DELETE", scope, "", undefined, undefined), scope.signal);
  }

  async #admitUpdate(
    scope: WriteScope,
    { subresource, seen }: UpdateRequest,
    object: KubeObject,
    old: KubeObject,
  ): Promise<AdmissionAttributes> {
    if (!seen) {
      const attributes = this.#attributes("UPDATE", scope, subresource, object, old);
      await this.#admit(attributes, object, scope);
      return attributes;
    }
    const shown = seen.show(object);
    const attributes = this.#attributes("UPDATE", scope, subresource, shown, seen.show(old), object.metadata.name);
    await this.#deps.admission.admit({ ...attributes, kind: seen.kind }, scope.signal);
    Object.assign(object, seen.take(object, shown));
    return { ...attributes, kind: seen.kind };
  }

  async #admit(attributes: AdmissionAttributes, object: KubeObject, scope: WriteScope): Promise<void> {
    const { managedFields } = object.metadata;
    await this.#deps.admission.admit(attributes, scope.signal);
    keepReadableManagers(object, managedFields, (message) => scope.warn(message));
  }

  async #admitDeletion(
    scope: WriteScope,
    name: string,
    object: KubeObject,
    wanted: DeleteRequest["admission"] = "all",
  ): Promise<void> {
    if (wanted === "none") return;
    const attributes = this.#attributes("DELETE", scope, "", undefined, object, name);
    if (wanted === "all") await this.#deps.admission.admit(attributes, scope.signal);
    await this.#deps.admission.validate(attributes, scope.signal);
  }

  /** What server-side apply makes of an object and what a client wants of it; throws a conflict between managers. */
  applyFields(
    applied: KubeObject,
    current: KubeObject | undefined,
    scope: WriteScope,
    subresource: string,
    isForced: boolean,
  ): KubeObject {
    const nowMs = this.#deps.clock.now();
    const write = { manager: scope.fieldManager, subresource, apiVersion: applied.apiVersion, nowMs, isForced };
    return (scope.fields ?? this.#deps.fields).apply(applied, current, write);
  }

  /** Deletes an object or marks it for deletion; throws `notFound` or `conflict`. */
  async delete(scope: WriteScope, name: string, request: DeleteRequest): Promise<Deleted> {
    const key = keyOf(scope.namespace, name);
    let current = this.cache.get(key);
    let isSure = false;
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      if (!current || attempt > 1) {
        current = await this.#objects.read(key);
        isSure = true;
      }
      if (!current) throw notFound(this.info, name);
      const deleted = await this.#tryDelete(scope, name, current, request, isSure);
      if (deleted) return deleted;
    }
    throw conflict(this.info, name, lostRace);
  }

  async #tryDelete(
    scope: WriteScope,
    name: string,
    current: Entry,
    request: DeleteRequest,
    isSure: boolean,
  ): Promise<Deleted | undefined> {
    const object = current.object;
    const failed = failedPrecondition(object.metadata, request);
    if (failed !== undefined) {
      if (!isSure) return undefined;
      throw conflict(this.info, name, failed);
    }
    await this.#admitDeletion(scope, name, object, request.admission);
    const grace = this.strategy.gracePeriodSeconds?.(object, request.gracePeriodSeconds);
    const effective = grace === undefined ? request : { ...request, gracePeriodSeconds: grace };
    const isHeld = this.strategy.isHeld?.(object) === true;
    const plan = planDeletion(object, effective, { graceSeconds: grace, isHeld }, this.#deps.clock.now());
    if (plan.act === "nothing") return isSure ? { entry: current, isGone: false } : undefined;
    if (plan.act === "remove") {
      const gone = await this.#objects.remove(current, undefined, scope.dryRun);
      return gone && { entry: gone, isGone: true };
    }
    const next: KubeObject = { ...deepClone(object), metadata: plan.metadata };
    this.strategy.onMarkedForDeletion?.(next);
    const marked = await this.#objects.put(next, current, scope.dryRun);
    return marked instanceof Entry ? { entry: marked, isGone: false } : undefined;
  }

  /** One attempt; undefined when another writer was faster. */
  async #tryUpdate(
    scope: WriteScope,
    name: string,
    current: Entry | undefined,
    request: UpdateRequest,
  ): Promise<Written | undefined> {
    if (!current && !request.mayCreate) throw notFound(this.info, name);
    const old = current?.object;
    const object = await request.change(old && deepClone(old));
    if (!current || !old) return { entry: await this.#create(scope, object, request.recordsFields), isNew: true };

    this.#checkIdentity(object, old, name);
    keepSystemMetadata(object, old);
    delete object.metadata.resourceVersion;
    request.rules.prepareForUpdate?.(object, old);
    if (this.strategy.hasGeneration && !request.rules.keepsGeneration) {
      countGeneration(object, old, this.strategy.generationCounts);
    }
    if (request.recordsFields) this.#recordFields(object, old, scope, request.subresource);
    const attributes = await this.#admitUpdate(scope, request, object, old);
    if (request.subresource === "") this.#refuse(name, this.strategy.allocate?.(object, old) ?? []);
    object.metadata.resourceVersion = String(current.revision);
    this.#refuse(name, updateErrors(object, old, request.rules));
    await this.#deps.admission.validate(attributes, scope.signal);
    if (request.subresource === "") this.#warn(scope, object, old);
    if (isReleased(object) && !this.strategy.isHeld?.(object)) {
      const gone = await this.#objects.remove(current, object, scope.dryRun);
      return gone && { entry: gone, isNew: false };
    }
    const stored = await this.#objects.put(object, current, scope.dryRun);
    return stored instanceof Entry ? { entry: stored, isNew: false } : undefined;
  }

  #checkIdentity(object: KubeObject, old: KubeObject, name: string): void {
    const { uid, resourceVersion } = object.metadata;
    if (uid && uid !== old.metadata.uid) {
      const failed = failedPrecondition(old.metadata, { uid });
      throw conflict(this.info, name, failed ?? lostRace);
    }
    if (resourceVersion && resourceVersion !== "0" && resourceVersion !== old.metadata.resourceVersion) {
      throw conflict(this.info, name, lostRace);
    }
  }

  #recordFields(object: KubeObject, old: KubeObject | undefined, scope: WriteScope, subresource: string): void {
    (scope.fields ?? this.#deps.fields).recordUpdate(object, old, {
      manager: scope.fieldManager,
      subresource,
      apiVersion: object.apiVersion,
      nowMs: this.#deps.clock.now(),
    });
  }

  #refuse(name: string | undefined, errors: readonly FieldError[]): void {
    if (errors.length > 0) throw invalid(this.info, name ?? "", errors);
  }

  #warn(scope: WriteScope, object: KubeObject, old: KubeObject | undefined): void {
    for (const warning of this.strategy.warnings?.(object, old) ?? []) scope.warn(warning);
  }

  #attributes(
    operation: Operation,
    scope: WriteScope,
    subresource: string,
    object: KubeObject | undefined,
    oldObject: KubeObject | undefined,
    name?: string,
  ): AdmissionAttributes {
    return attributesOf(this.info, scope, {
      operation,
      subresource,
      object,
      oldObject,
      ...(name !== undefined && { name }),
    });
  }
}

/** A marked object whose last finalizer went and whose grace is over is to be gone. */
function isReleased(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  return deletionTimestamp !== undefined && !deletionGracePeriodSeconds && !finalizers?.length;
}

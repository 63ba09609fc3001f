import type { KubeObject } from "@tskube/api";
import type { FieldError } from "@tskube/apimachinery";
import type { User } from "../auth/user.ts";
import type { TableColumns } from "../http/table-columns.ts";

/** How one way of writing an object (the whole, its status) shapes and checks what is written. */
export interface UpdateRules<T extends KubeObject> {
  /** Settles the fields that this way of writing may not change; changes `object` in place. */
  prepareForUpdate?(object: T, old: T): void;
  validateUpdate?(object: T, old: T): FieldError[];
  /** Whatever is written this way says nothing new of what is wanted: `metadata.generation` stays. */
  readonly keepsGeneration?: boolean;
}

/** A key of the store that belongs to one object: written, checked and deleted in the same transaction as the object. */
export interface Claim {
  readonly key: string;
  /** What the key holds; made when it is written. */
  value(): Uint8Array;
}

/**
 * What is special about one kind; the generic registry does everything else. A kind without a strategy of its own is stored as it is,
 * after structural validation.
 */
export interface Strategy<T extends KubeObject = KubeObject> extends UpdateRules<T> {
  /** What is wrong with a name of this kind, as sentences; DNS subdomain when absent. */
  validateName?(name: string): readonly string[];
  /** Fields that clients may select by, besides the name and namespace. */
  readonly selectableFields?: Readonly<Record<string, (object: T) => string>>;
  /** Selectable fields by whose value objects and watchers are found without a walk. */
  readonly indexedFields?: readonly string[];
  readonly columns?: TableColumns<T>;

  /** A new object keeps the status that it came with; all others begin with an empty one. */
  readonly keepsStatusOnCreate?: boolean;
  /** Settles the fields that clients may not set; changes `object` in place. */
  prepareForCreate?(object: T): void;
  /** Writes into a new object who asks for it, before all else is settled. */
  noteRequester?(object: T, user: User): void;
  validate?(object: T): FieldError[];
  /** Rules of `/status`, for kinds that have it. Everything but the status has already been taken from the old object. */
  readonly status?: UpdateRules<T>;
  /** Rules of other subresources with the object's own kind, by their names. */
  readonly parts?: Readonly<Record<string, UpdateRules<KubeObject>>>;
  warnings?(object: T, old: T | undefined): readonly string[];

  /** Whether `metadata.generation` counts changes of everything but metadata and status. */
  readonly hasGeneration?: boolean;
  /** Metadata whose changes count in the generation, too. */
  readonly generationCounts?: "labels" | "annotations";
  /** An update of an object that does not exist creates it. */
  readonly allowCreateOnUpdate?: boolean;
  /** An update must say which resourceVersion it replaces. */
  readonly requiresResourceVersion?: boolean;
  /** A delete answers with the object even when it is gone at once. */
  readonly returnsDeletedObject?: boolean;
  /** Seconds that the object stays after a delete for others to act on; 0 deletes it at once. Absent: always at once. */
  gracePeriodSeconds?(object: T, requested: number | undefined): number;
  /** Whether a deleted object has to stay for more than grace and metadata's finalizers. */
  isHeld?(object: T): boolean;
  /** Shows that the object is being deleted, in place. */
  onMarkedForDeletion?(object: T): void;
  /** Seconds after which the store forgets the object. */
  ttlSeconds?(object: T): number | undefined;
  /**
   * Picks what the object needs from shared pools (cluster addresses, node ports), in place, before it is validated. Called again when
   * another writer was faster.
   */
  allocate?(object: T, old: T | undefined): FieldError[];
  /** What the object has of shared pools: no other object can have the same. */
  claims?(object: T): readonly Claim[];
  /** Another object turned out to hold this claim: it must not be picked again. */
  onClaimTaken?(key: string): void;
}

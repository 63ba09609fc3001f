import type { ControllerRevision, KubeObject, PodTemplateSpec } from "@tskube/api";
import { deepEqual, isAlreadyExists, isNotFound, templateHash } from "@tskube/apimachinery";
import type { Client, Draft, Lister } from "@tskube/client";
import { claimObjects } from "@tskube/controller";
import { controllerOf, controllerReference, isControlledBy } from "../objects/meta.ts";

/** A set whose templates are kept as ControllerRevisions. */
export type Revisioned = KubeObject & { readonly spec: { readonly template: PodTemplateSpec } };

export interface HistoryDeps {
  readonly client: Client;
  readonly revisions: Lister<ControllerRevision>;
}

export interface HistoryOptions<O extends Revisioned> {
  readonly owner: O;
  readonly matches: (object: KubeObject) => boolean;
  readonly freshOwner: () => Promise<O>;
  /** The label that holds the hash of a revision's template. */
  readonly hashLabel: string;
  readonly collisionCount: number | undefined;
}

/** A set's revisions: that of its template, and the others with the oldest first. */
export interface History {
  readonly current: ControllerRevision;
  readonly old: readonly ControllerRevision[];
  /** Higher than before when a name was taken. */
  readonly collisionCount: number | undefined;
}

/** The patch that a revision holds: it puts the template in place as a whole. */
export function revisionData(template: PodTemplateSpec): unknown {
  return { spec: { template: { ...template, $patch: "replace" } } };
}

/** The template that a revision stands for. */
export function templateOfRevision({ data }: ControllerRevision): PodTemplateSpec {
  const { spec } = data as { readonly spec: { readonly template: PodTemplateSpec & { $patch?: string } } };
  const { $patch: _directive, ...template } = spec.template;
  return template;
}

/** Finds or makes the revision of the owner's template; one that was there before gets the highest number anew, as after a rollback. */
export async function syncHistory<O extends Revisioned>(
  options: HistoryOptions<O>,
  deps: HistoryDeps,
): Promise<History> {
  const { owner, matches, freshOwner } = options;
  const namespace = owner.metadata.namespace ?? "";
  const client = deps.client.controllerrevisions(namespace);
  const candidates = deps.revisions
    .in(namespace)
    .list()
    .filter((one) => isControlledBy(one, owner) || (!controllerOf(one) && matches(one)));
  const claimed = await claimObjects(candidates, { owner, matches, client, freshOwner });
  const sorted = claimed.sort(byRevision);
  const next = (sorted.at(-1)?.revision ?? 0) + 1;
  const data = revisionData(owner.spec.template);
  const same = sorted.filter((one) => deepEqual(one.data, data)).at(-1);
  const old = sorted.filter((one) => one !== same);
  if (!same) return createRevision(options, deps, { data, revision: next, old });
  if (same === sorted.at(-1)) return { current: same, old, collisionCount: options.collisionCount };
  const current = await client.patch(same.metadata.name, { revision: next });
  return { current, old, collisionCount: options.collisionCount };
}

async function createRevision<O extends Revisioned>(
  { owner, hashLabel, collisionCount }: HistoryOptions<O>,
  deps: HistoryDeps,
  { data, revision, old }: { data: unknown; revision: number; old: readonly ControllerRevision[] },
): Promise<History> {
  const client = deps.client.controllerrevisions(owner.metadata.namespace);
  for (let collisions = collisionCount; ; collisions = (collisions ?? 0) + 1) {
    const draft = newRevision(owner, { data, revision, hashLabel, collisions });
    try {
      return { current: await client.create(draft), old, collisionCount: collisions };
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      // Made by an earlier attempt that the cache does not show yet; or another's, and the next hash is tried.
      const existing = await client.get(draft.metadata.name ?? "");
      if (isControlledBy(existing, owner) && deepEqual(existing.data, data))
        return { current: existing, old, collisionCount: collisions };
    }
  }
}

function newRevision(
  owner: Revisioned,
  facts: { data: unknown; revision: number; hashLabel: string; collisions: number | undefined },
): Draft<ControllerRevision> {
  const { name, namespace, annotations } = owner.metadata;
  const hash = templateHash(facts.data, facts.collisions);
  return {
    metadata: {
      name: `${name.slice(0, 223)}-${hash}`,
      namespace,
      labels: { ...owner.spec.template.metadata?.labels, [facts.hashLabel]: hash },
      ...(annotations && { annotations }),
      ownerReferences: [controllerReference(owner)],
    },
    data: facts.data,
    revision: facts.revision,
  };
}

/** Deletes the oldest revisions beyond `limit` that nothing uses any more. */
export async function trimHistory(
  old: readonly ControllerRevision[],
  isUsed: (revision: ControllerRevision) => boolean,
  limit: number,
  client: Client,
): Promise<void> {
  const unused = old.filter((one) => !isUsed(one));
  for (const { metadata } of unused.slice(0, Math.max(0, unused.length - limit))) {
    try {
      await client.controllerrevisions(metadata.namespace).delete(metadata.name);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** Oldest first. */
function byRevision(a: ControllerRevision, b: ControllerRevision): number {
  return a.revision - b.revision || (a.metadata.name < b.metadata.name ? -1 : 1);
}

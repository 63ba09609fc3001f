import { extract } from "./extract.ts";
import { difference, type FieldSet, intersection, isEmptySet, union } from "./field-set.ts";
import { removeItems, withNamedFields } from "./remove-items.ts";
import type { Shape } from "./shape.ts";

/**
 * Takes from a merged object what its applier applied last time and no longer applies, unless another applier owns it
 * (`applied` is what all appliers own now). Fields that were not the applier's stay.
 */
export function prune(shape: Shape, merged: unknown, last: FieldSet, applied: FieldSet): unknown {
  if (isEmptySet(last)) return merged;
  const lastNamed = withNamedFields(shape, last);
  const mergedSet = withNamedFields(shape, extract(shape, merged));

  // Everything last applied goes …
  const bare = removeItems(shape, merged, lastNamed);
  const bareSet = withNamedFields(shape, extract(shape, bare));
  // … what appliers own comes back …
  const keep = union(bareSet, withNamedFields(shape, applied));
  const owned = removeItems(shape, merged, difference(mergedSet, keep));
  // … and so does what the applier did not own, but which hung below something it did.
  const ownedSet = withNamedFields(shape, extract(shape, owned));
  return removeItems(shape, merged, intersection(difference(mergedSet, ownedSet), lastNamed));
}

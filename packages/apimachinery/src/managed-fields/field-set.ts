/**
 * A set of field paths, in the very form of FieldsV1 JSON, so that what stands in `metadata.managedFields` needs no decoding:
 *
 *     { "f:spec": { "f:replicas": {}, "f:template": { ".": {}, "f:metadata": {} } } }
 *
 * Keys are path elements (`f:` a field, `k:` a list item by its keys, `v:` a set's item by its value, `i:` an item by its place).
 * A path is in the set if its node is empty or has `.`; a node with children and without `.` only leads on. The root is no member.
 * Sets are immutable and share nodes.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

export interface MutableFieldSet {
  [element: string]: MutableFieldSet;
}

export const emptySet: FieldSet = Object.freeze({});

const memberOnly: FieldSet = Object.freeze({ ".": emptySet });

export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** The node with its membership spelled out: an empty node is a member. */
function expand(node: FieldSet): FieldSet {
  return isEmptySet(node) ? memberOnly : node;
}

/** The reverse of `expand`; undefined for a node in which nothing is left. */
function compact(node: FieldSet): FieldSet | undefined {
  let count = 0;
  for (const element in node) if (element !== "." || ++count > 1) return node;
  return count === 0 ? undefined : emptySet;
}

/** Adds a path to a set that is still being built. */
export function insertPath(set: MutableFieldSet, path: readonly string[]): void {
  let node = set;
  for (let i = 0; i < path.length; i++) {
    const element = path[i] ?? "";
    const existing = node[element];
    const isLast = i === path.length - 1;
    if (existing && isEmptySet(existing) !== isLast) existing["."] = {};
    const next: MutableFieldSet = existing ?? {};
    node[element] = next;
    node = next;
  }
}

/** The set of exactly these paths. */
export function setOfPaths(...paths: readonly (readonly string[])[]): FieldSet {
  const set: MutableFieldSet = {};
  for (const path of paths) insertPath(set, path);
  return set;
}

/** True if the very path is a member; members above or below it do not count. */
export function hasPath(set: FieldSet, path: readonly string[]): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) node = node?.[element];
  return node !== undefined && path.length > 0 && isMemberNode(node);
}

export function isMemberNode(node: FieldSet): boolean {
  return "." in node || isEmptySet(node);
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a;
  if (isEmptySet(a)) return b;
  const result: Record<string, FieldSet> = { ...a };
  for (const element in b) {
    const [ours, theirs] = [a[element], b[element] ?? emptySet];
    result[element] = ours && element !== "." ? unionNodes(ours, theirs) : theirs;
  }
  return result;
}

function unionNodes(a: FieldSet, b: FieldSet): FieldSet {
  return compact(union(expand(a), expand(b))) ?? emptySet;
}

/** What is in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const element in a) {
    const [ours, theirs] = [a[element], b[element]];
    if (!ours || !theirs) continue;
    const shared = element === "." ? ours : compact(intersection(expand(ours), expand(theirs)));
    if (shared) result[element] = shared;
  }
  return result;
}

/** What is in `a` and not in `b`; a member of `b` takes nothing away below it. Returns `a` itself if nothing changes. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, (ours, theirs) => compact(difference(expand(ours), expand(theirs))));
}

/** As `difference`, but a member of `b` takes all below it away too. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, (ours, theirs) =>
    isMemberNode(theirs) ? undefined : compact(recursiveDifference(expand(ours), theirs)),
  );
}

function subtract(
  a: FieldSet,
  b: FieldSet,
  subtractNodes: (a: FieldSet, b: FieldSet) => FieldSet | undefined,
): FieldSet {
  const result: Record<string, FieldSet> = {};
  let isChanged = false;
  for (const element in a) {
    const ours = a[element];
    const theirs = b[element];
    if (!ours) continue;
    const rest = !theirs ? ours : element === "." ? undefined : subtractNodes(ours, theirs);
    // A lone member is either kept as it is or gone.
    const left = rest && isEmptySet(ours) ? ours : rest;
    if (left) result[element] = left;
    if (left !== ours) isChanged = true;
  }
  return isChanged ? result : a;
}

/** The members that have no member below them. */
export function leaves(set: FieldSet): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const element in set) {
    if (element === ".") continue;
    const below = leaves(set[element] ?? emptySet);
    result[element] = below;
  }
  return result;
}

/** Calls `visit` with every member's path, parents before children, elements sorted. The array is reused between calls. */
export function forEachPath(set: FieldSet, visit: (path: readonly string[]) => void, path: string[] = []): void {
  for (const element of Object.keys(set).sort()) {
    if (element === ".") continue;
    const node = set[element] ?? emptySet;
    path.push(element);
    if (isMemberNode(node)) visit(path);
    forEachPath(node, visit, path);
    path.pop();
  }
}

/** The set with its elements in order, ready to be stored: equal sets give equal JSON text. */
export function serializeFieldSet(set: FieldSet): FieldSet {
  const sorted: Record<string, FieldSet> = {};
  for (const element of Object.keys(set).sort()) sorted[element] = serializeFieldSet(set[element] ?? emptySet);
  return sorted;
}

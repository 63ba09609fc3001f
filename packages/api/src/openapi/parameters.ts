/** One query or path parameter, in words that both generations of the format can be written from. */
export interface Parameter {
  readonly name: string;
  readonly in: "query" | "path";
  readonly type: "string" | "boolean" | "integer";
  readonly description: string;
}

const query = (name: string, type: Parameter["type"], description: string): Parameter => ({
  name,
  in: "query",
  type,
  description,
});

export const pretty = query("pretty", "string", "'true' asks for an answer that is indented for reading.");

export const namePath = (kind: string): Parameter => ({
  name: "name",
  in: "path",
  type: "string",
  description: `name of the ${kind}`,
});

export const namespacePath: Parameter = {
  name: "namespace",
  in: "path",
  type: "string",
  description: "namespace of the object",
};

export const proxyPath: Parameter = {
  name: "path",
  in: "path",
  type: "string",
  description: "path to the resource behind the proxy",
};

const dryRun = query("dryRun", "string", "'All' does everything but store the result.");
const fieldManager = query(
  "fieldManager",
  "string",
  "Name of the one who makes the change, for the record of who owns which field.",
);
const fieldValidation = query(
  "fieldValidation",
  "string",
  "What to do about unknown and duplicate fields: 'Ignore', 'Warn' or 'Strict'.",
);
const force = query("force", "boolean", "Takes over fields that other managers own; for apply requests only.");
const resourceVersion = query(
  "resourceVersion",
  "string",
  "State of the cluster that the answer must show at least or exactly.",
);
const resourceVersionMatch = query(
  "resourceVersionMatch",
  "string",
  "How resourceVersion is meant: 'NotOlderThan' or 'Exact'.",
);

const selection: readonly Parameter[] = [
  query("continue", "string", "Token of the former page's answer."),
  query("fieldSelector", "string", "Restricts the objects by their fields."),
  query("labelSelector", "string", "Restricts the objects by their labels."),
  query("limit", "integer", "Most objects of one answer; its token leads to the rest."),
  resourceVersion,
  resourceVersionMatch,
  query("sendInitialEvents", "boolean", "Begins a watch with the objects there are, ended by a bookmark."),
  query("timeoutSeconds", "integer", "How long the request may last."),
];

const deletion: readonly Parameter[] = [
  dryRun,
  query("gracePeriodSeconds", "integer", "Seconds until deletion; zero is at once."),
  query(
    "ignoreStoreReadErrorWithClusterBreakingPotential",
    "boolean",
    "Deletes an object that cannot be read from the store, without its finalizers.",
  ),
  query("orphanDependents", "boolean", "Superseded by propagationPolicy."),
  query("propagationPolicy", "string", "What becomes of the dependents: 'Orphan', 'Background' or 'Foreground'."),
];

/** The query parameters of each action. */
export const actionParameters: Readonly<Record<string, readonly Parameter[]>> = {
  list: [
    query("allowWatchBookmarks", "boolean", "Lets a watch send bookmarks."),
    ...selection,
    query("watch", "boolean", "Streams changes instead of a list."),
  ],
  get: [],
  post: [dryRun, fieldManager, fieldValidation],
  put: [dryRun, fieldManager, fieldValidation],
  patch: [dryRun, fieldManager, fieldValidation, force],
  delete: deletion,
  deletecollection: [...selection, ...deletion],
  connect: [],
};

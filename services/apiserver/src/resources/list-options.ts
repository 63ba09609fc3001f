import type { ResourceInfo } from "@tskube/api";
import {
  badRequest,
  everyField,
  everything,
  type FieldError,
  type FieldSelector,
  field,
  invalid,
  type LabelSelector,
  Path,
  parseFieldSelector,
  parseLabelSelector,
  parseResourceVersion,
} from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import { isTrue } from "../filters/request-info.ts";

/** metav1.ListOptions, parsed and found coherent. */
export interface ListOptions {
  readonly labels: LabelSelector;
  readonly fields: FieldSelector;
  /** Undefined when the client did not ask for a version: the newest. */
  readonly resourceVersion: number | undefined;
  readonly match: "" | "NotOlderThan" | "Exact";
  /** 0 is no limit. */
  readonly limit: number;
  readonly continue: string;
  readonly timeoutSeconds: number | undefined;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
}

/** Reads list and watch options of a query; throws `badRequest` or `invalid` in upstream's words. */
export function parseListOptions(
  query: URLSearchParams,
  info: ResourceInfo,
  isSelectable: (field: string) => boolean,
  isWatch: boolean,
): ListOptions {
  const labelText = query.get("labelSelector") ?? "";
  const fieldText = query.get("fieldSelector") ?? "";
  const versionText = query.get("resourceVersion") ?? "";
  const resourceVersion = parseResourceVersion(versionText);
  if (resourceVersion === undefined) {
    throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", [
      field.invalid(Path.of("resourceVersion"), versionText, "must be a non-negative integer"),
    ]);
  }
  const options: ListOptions = {
    labels: labelText === "" ? everything : parse("labelSelector", labelText, parseLabelSelector),
    fields: fieldText === "" ? everyField : parse("fieldSelector", fieldText, parseFieldSelector),
    resourceVersion: versionText === "" ? undefined : resourceVersion,
    match: (query.get("resourceVersionMatch") ?? "") as ListOptions["match"],
    limit: integer(query, "limit") ?? 0,
    continue: query.get("continue") ?? "",
    timeoutSeconds: integer(query, "timeoutSeconds"),
    allowWatchBookmarks: isTrue(query.get("allowWatchBookmarks")),
    sendInitialEvents: query.has("sendInitialEvents") ? isTrue(query.get("sendInitialEvents")) : undefined,
  };
  refuseUnselectable(options.fields, info, isSelectable);
  const errors = isWatch ? watchErrors(options) : listErrors(options);
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", errors);
  return options;
}

function parse<T>(name: string, text: string, parser: (text: string) => T): T {
  try {
    return parser(text);
  } catch (error) {
    throw badRequest(`unable to parse ${name} ${JSON.stringify(text)}: ${errorMessage(error)}`);
  }
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  const value = Number(text);
  if (!/^-?[0-9]+$/.test(text) || !Number.isSafeInteger(value)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return value;
}

/** Kinds whose selectable fields upstream checks one by one; for all others it names the two that every kind has. */
const ownWording = new Set(["events", "namespaces", "nodes", "pods", "replicationcontrollers", "secrets", "services"]);

function refuseUnselectable(
  selector: FieldSelector,
  { group, resource }: ResourceInfo,
  isSelectable: (field: string) => boolean,
): void {
  const unknown = selector.requirements.find((requirement) => !isSelectable(requirement.field));
  if (!unknown) return;
  if (group === "" && ownWording.has(resource)) throw badRequest(`field label not supported: ${unknown.field}`);
  throw badRequest(
    `${JSON.stringify(unknown.field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

const matchPath = Path.of("resourceVersionMatch");

function listErrors(options: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  if (options.sendInitialEvents !== undefined) {
    errors.push(field.forbidden(Path.of("sendInitialEvents"), "sendInitialEvents is forbidden for list"));
  }
  if (options.match === "") return errors;
  if (options.resourceVersion === undefined) {
    errors.push(field.forbidden(matchPath, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
  }
  if (options.continue !== "") {
    errors.push(field.forbidden(matchPath, "resourceVersionMatch is forbidden when continue is provided"));
  }
  if (options.match !== "Exact" && options.match !== "NotOlderThan") {
    errors.push(field.notSupported(matchPath, options.match, ["Exact", "NotOlderThan", ""]));
  }
  if (options.match === "Exact" && options.resourceVersion === 0) {
    errors.push(field.forbidden(matchPath, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  return errors;
}

function watchErrors(options: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  const sendsInitialEvents = options.sendInitialEvents !== undefined;
  if (sendsInitialEvents && options.match !== "NotOlderThan") {
    const detail = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
    errors.push(field.forbidden(matchPath, detail));
  }
  if (options.match === "") return errors;
  if (!sendsInitialEvents) {
    const detail = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
    errors.push(field.forbidden(matchPath, detail));
  }
  if (options.match !== "NotOlderThan") {
    errors.push(field.notSupported(matchPath, options.match, ["NotOlderThan"]));
  }
  if (options.continue !== "") {
    errors.push(field.forbidden(matchPath, "resourceVersionMatch is forbidden when continue is provided"));
  }
  return errors;
}

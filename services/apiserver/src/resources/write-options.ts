import type { FieldValidation } from "@tskube/api";
import { field, invalid, Path } from "@tskube/apimachinery";
import { isTrue } from "../filters/request-info.ts";
import type { RequestContext } from "../http/context.ts";
import type { WriteScope } from "../registry/write-scope.ts";
import type { DecodeRequest } from "./kind-codec.ts";

const validations = ["Ignore", "Strict", "Warn"];

/** What create, update and patch have in common in their queries, with whom and where from the request. */
export function writeScope(context: RequestContext, kind: string): WriteScope {
  const { exchange, info, user } = context;
  const { query } = exchange.url;
  const dryRun = dryRunOf(query.getAll("dryRun"), kind);
  const fieldManager = query.get("fieldManager") || managerOf(exchange.header("user-agent"));
  return {
    namespace: info.namespace,
    requested: { group: info.group, version: info.version },
    user,
    dryRun,
    fieldManager,
    options: optionsOf(query, kind, dryRun),
    signal: exchange.signal,
    warn: (message) => exchange.warn(message),
    annotate: (key, value) => exchange.audit?.annotate(key, value),
  };
}

/** How strictly the body's fields are checked, and where to tell about what is tolerated. */
export function decodeRequest(context: RequestContext, kind: string): DecodeRequest {
  const { exchange } = context;
  const text = exchange.url.query.get("fieldValidation") || "Warn";
  if (!validations.includes(text)) {
    throw invalid({ group: "meta.k8s.io", kind }, "", [
      field.notSupported(Path.of("fieldValidation"), text, ["", ...validations]),
    ]);
  }
  return {
    fieldValidation: text as FieldValidation,
    warn: (message) => exchange.warn(message),
    decoded: (object) => exchange.audit?.requested(object),
  };
}

export function dryRunOf(values: readonly string[], kind: string): boolean {
  const wrong = values.find((value) => value !== "All" && value !== "");
  if (wrong !== undefined) {
    throw invalid({ group: "meta.k8s.io", kind }, "", [field.notSupported(Path.of("dryRun"), wrong, ["All"])]);
  }
  return values.includes("All");
}

/** The client's name, as upstream records it for writes that name no manager. */
function managerOf(userAgent: string | undefined): string {
  const name = (userAgent ?? "").split("/", 1)[0] ?? "";
  return name.slice(0, 128) || "unknown";
}

function optionsOf(query: URLSearchParams, kind: string, dryRun: boolean): Readonly<Record<string, unknown>> {
  const fieldManager = query.get("fieldManager");
  const fieldValidation = query.get("fieldValidation");
  return {
    kind,
    apiVersion: "meta.k8s.io/v1",
    ...(dryRun && { dryRun: ["All"] }),
    ...(fieldManager && { fieldManager }),
    ...(fieldValidation && { fieldValidation }),
    ...(query.has("force") && { force: isTrue(query.get("force")) }),
  };
}

/** `force` is for apply alone. */
export function isForced(query: URLSearchParams): boolean {
  return query.has("force") && isTrue(query.get("force"));
}

/** Apply without a manager's name would own fields in nobody's name. */
export function requireManager(query: URLSearchParams): void {
  if (query.get("fieldManager")) return;
  throw invalid({ group: "meta.k8s.io", kind: "PatchOptions" }, "", [
    field.required(Path.of("fieldManager"), "is required for apply patch"),
  ]);
}

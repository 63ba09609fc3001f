import type { GroupVersion, GroupVersionKind } from "@tskube/apimachinery";
import type { ResourceInfo, SubresourceInfo, Verb, VersionInfo } from "../resources/index.ts";
import { typeNameOf } from "../schema/index.ts";
import { groupVersionPath } from "./names.ts";
import { actionParameters, namePath, namespacePath, type Parameter, pretty, proxyPath } from "./parameters.ts";

export type Method = "get" | "post" | "put" | "patch" | "delete" | "head" | "options";

/** One operation, in words that both generations of the format can be written from. */
export interface Operation {
  readonly method: Method;
  readonly id: string;
  readonly tag: string;
  readonly action: string;
  readonly description: string;
  readonly kind: GroupVersionKind;
  readonly parameters: readonly Parameter[];
  /** Types of body and answer; absent where there is none or it is no object. */
  readonly request?: string;
  readonly response?: string;
  /** Statuses of success. */
  readonly codes: readonly number[];
}

export interface Path {
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly operations: readonly Operation[];
}

const status = "meta/v1.Status";
const deleteOptions = "meta/v1.DeleteOptions";
const patch = "meta/v1.Patch";

/** All paths of a group version. */
export function pathsOf(version: VersionInfo): Path[] {
  return version.resources.flatMap((info) => [
    ...resourcePaths(info),
    ...info.subresources.flatMap((sub) => subPaths(info, sub)),
  ]);
}

/** Whether a type is the body of patches, which has no schema beyond being an object. */
export function isPatch(type: string): boolean {
  return type === patch;
}

function resourcePaths(info: ResourceInfo): Path[] {
  const base = `/${groupVersionPath(info)}`;
  const scope = info.namespaced ? "/namespaces/{namespace}" : "";
  const scoped = info.namespaced ? [namespacePath, pretty] : [pretty];
  const collection: Path = {
    path: `${base}${scope}/${info.resource}`,
    parameters: scoped,
    operations: [
      ...when(info, "list", () =>
        operation(info, "list", "get", { response: typeOf({ ...info, kind: info.listKind }) }),
      ),
      ...when(info, "create", () => operation(info, "post", "post", body(info, [200, 201, 202]))),
      ...when(info, "deletecollection", () =>
        operation(info, "deletecollection", "delete", { request: deleteOptions, response: status }),
      ),
    ],
  };
  const object: Path = {
    path: `${collection.path}/{name}`,
    parameters: [namePath(info.kind), ...scoped],
    operations: objectOperations(info, info.verbs, info, ""),
  };
  return [collection, object, ...allNamespaces(info, base)].filter((path) => path.operations.length > 0);
}

/** Lists of namespaced objects in all namespaces. */
function allNamespaces(info: ResourceInfo, base: string): Path[] {
  if (!info.namespaced || !info.verbs.includes("list")) return [];
  const response = typeOf({ ...info, kind: info.listKind });
  const list = operation(info, "list", "get", { response, suffix: "ForAllNamespaces", isUnscoped: true });
  return [{ path: `${base}/${info.resource}`, parameters: [pretty], operations: [list] }];
}

function subPaths(info: ResourceInfo, sub: SubresourceInfo): Path[] {
  const scope = info.namespaced ? "/namespaces/{namespace}" : "";
  const path = `/${groupVersionPath(info)}${scope}/${info.resource}/{name}/${sub.name}`;
  const parameters = [namePath(sub.kind.kind), ...(info.namespaced ? [namespacePath] : []), pretty];
  if (sub.kind.kind.endsWith("Options")) return connectPaths(info, sub, path, parameters.slice(0, -1));
  const operations = objectOperations(info, sub.verbs, sub.kind, capitalized(sub.name));
  if (sub.verbs.includes("create")) {
    operations.push(
      operation(info, "post", "post", {
        ...body(sub.kind, [200, 201, 202]),
        suffix: capitalized(sub.name),
        kind: sub.kind,
      }),
    );
  }
  return [{ path, parameters, operations }];
}

/** Streams and proxies: requests that are handed on rather than answered. */
function connectPaths(
  info: ResourceInfo,
  sub: SubresourceInfo,
  path: string,
  parameters: readonly Parameter[],
): Path[] {
  const isProxy = sub.name === "proxy";
  const methods: Method[] = isProxy ? ["get", "put", "post", "delete", "options", "head", "patch"] : ["get", "post"];
  const operations = (suffix: string) =>
    methods.map((method) =>
      operation(info, "connect", method, { suffix: `${capitalized(sub.name)}${suffix}`, kind: sub.kind }),
    );
  const direct: Path = { path, parameters, operations: operations("") };
  if (!isProxy) return [direct];
  return [
    direct,
    { path: `${path}/{path}`, parameters: [...parameters, proxyPath], operations: operations("WithPath") },
  ];
}

function objectOperations(
  info: ResourceInfo,
  verbs: readonly Verb[],
  kind: GroupVersionKind,
  suffix: string,
): Operation[] {
  const of = { verbs };
  const details = { suffix, kind };
  return [
    ...when(of, "get", () => operation(info, "get", "get", { ...details, response: typeOf(kind) })),
    ...when(of, "update", () => operation(info, "put", "put", { ...details, ...body(kind, [200, 201]) })),
    ...when(of, "patch", () =>
      operation(info, "patch", "patch", { ...details, request: patch, response: typeOf(kind), codes: [200, 201] }),
    ),
    ...when(of, "delete", () =>
      operation(info, "delete", "delete", { ...details, request: deleteOptions, response: status, codes: [200, 202] }),
    ),
  ];
}

function* when(of: { readonly verbs: readonly Verb[] }, verb: Verb, make: () => Operation): Generator<Operation> {
  if (of.verbs.includes(verb)) yield make();
}

interface Details {
  readonly request?: string | undefined;
  readonly response?: string | undefined;
  readonly codes?: readonly number[];
  readonly suffix?: string;
  readonly kind?: GroupVersionKind;
  readonly isUnscoped?: boolean;
}

function body(kind: GroupVersionKind, codes: readonly number[]): Details {
  return { request: typeOf(kind), response: typeOf(kind), codes };
}

const idVerbs: Readonly<Record<string, string>> = {
  list: "list",
  get: "read",
  post: "create",
  put: "replace",
  patch: "patch",
  delete: "delete",
  deletecollection: "deleteCollection",
  connect: "connect",
};

function operation(info: ResourceInfo, action: string, method: Method, details: Details): Operation {
  const { group, version, kind } = details.kind ?? info;
  const scope = info.namespaced && !details.isUnscoped ? "Namespaced" : "";
  const verb = `${idVerbs[action]}${action === "connect" ? capitalized(method) : ""}`;
  return {
    method,
    id: `${verb}${idOf(info)}${scope}${info.kind}${details.suffix ?? ""}`,
    tag: tagOf(info),
    action,
    description: `${action} ${info.kind}${details.suffix ? ` (${details.suffix})` : ""}`,
    kind: { group, version, kind },
    parameters: actionParameters[action] ?? [],
    ...(details.request ? { request: details.request } : {}),
    ...(details.response ? { response: details.response } : {}),
    codes: details.codes ?? [200],
  };
}

function typeOf(kind: GroupVersionKind): string | undefined {
  return typeNameOf(kind);
}

/** `AppsV1` in the names of operations. */
function idOf({ group, version }: GroupVersion): string {
  const words = group === "" ? "core" : group.replace(/\.k8s\.io$/, "");
  return `${words.split(".").map(capitalized).join("")}${capitalized(version)}`;
}

function tagOf({ group, version }: GroupVersion): string {
  const words = group === "" ? "core" : group.replace(/\.k8s\.io$/, "");
  return `${words.replaceAll(".", "")}_${version}`;
}

function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

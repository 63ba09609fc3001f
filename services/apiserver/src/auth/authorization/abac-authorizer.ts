import { isJsonObject, type JsonObject } from "@tskube/apimachinery";
import type { Attributes, Authorizer } from "../authorizer.ts";
import type { User } from "../user.ts";

/** One line of a policy file: who may do what. Empty names nobody and nothing, `*` everybody and everything. */
interface Policy {
  readonly user: string;
  readonly group: string;
  readonly isReadonly: boolean;
  readonly apiGroup: string;
  readonly namespace: string;
  readonly resource: string;
  readonly nonResourcePath: string;
}

const group = "abac.authorization.kubernetes.io";
const everybody = "system:authenticated";
const readingVerbs = new Set(["get", "list", "watch"]);

/** Decides by the lines of `--authorization-policy-file`, each a policy in JSON; throws for a line that is none. */
export function abacAuthorizer(file: string): Authorizer {
  const policies = file.split("\n").flatMap((line, index) => parseLine(line.trim(), index));
  return {
    name: "ABAC",
    authorize(attributes) {
      const isAllowed = policies.some((policy) => allows(policy, attributes));
      return isAllowed
        ? { allowed: true, reason: "" }
        : { allowed: false, denied: false, reason: "No policy matched." };
    },
  };
}

function parseLine(line: string, index: number): Policy[] {
  if (line === "" || line.startsWith("#")) return [];
  try {
    const document: unknown = JSON.parse(line);
    if (!isJsonObject(document)) throw new Error("it is no object");
    return [policyOf(document)];
  } catch (cause) {
    throw new Error(`error reading policy file, line ${index}: ${line}: ${(cause as Error).message}`, { cause });
  }
}

function policyOf({ apiVersion, kind, spec, ...fields }: JsonObject): Policy {
  if (apiVersion === undefined) return policyOfOld(fields);
  if (apiVersion !== `${group}/v1beta1` || kind !== "Policy")
    throw new Error(`unknown kind ${String(apiVersion)}, ${String(kind)}`);
  if (!isJsonObject(spec)) throw new Error("it has no spec");
  return forEverybody({
    user: text(spec["user"]),
    group: text(spec["group"]),
    isReadonly: spec["readonly"] === true,
    apiGroup: text(spec["apiGroup"]),
    namespace: text(spec["namespace"]),
    resource: text(spec["resource"]),
    nonResourcePath: text(spec["nonResourcePath"]),
  });
}

/** Lines without a version are older: what they leave out is everything. */
function policyOfOld(fields: JsonObject): Policy {
  const [user, own, namespace, resource] = [
    fields["user"],
    fields["group"],
    fields["namespace"],
    fields["resource"],
  ].map(text);
  return forEverybody({
    user: user || (own ? "" : "*"),
    group: own ?? "",
    isReadonly: fields["readonly"] === true,
    apiGroup: "*",
    namespace: namespace || "*",
    resource: resource || "*",
    nonResourcePath: namespace || resource ? "" : "*",
  });
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Everybody means everybody who has proven to be somebody. */
function forEverybody(policy: Policy): Policy {
  return policy.user === "*" || policy.group === "*" ? { ...policy, user: "", group: everybody } : policy;
}

function allows(policy: Policy, attributes: Attributes): boolean {
  if (!isSubject(policy, attributes.user)) return false;
  if (policy.isReadonly && !readingVerbs.has(attributes.verb)) return false;
  return attributes.isResource ? isResourceOf(policy, attributes) : isPathOf(policy, attributes.path);
}

function isSubject(policy: Policy, { name, groups }: User): boolean {
  if (policy.user === "" && policy.group === "") return false;
  return (policy.user === "" || policy.user === name) && (policy.group === "" || groups.includes(policy.group));
}

function isResourceOf(policy: Policy, attributes: Attributes): boolean {
  const fits = (wanted: string, value: string) => wanted === "*" || wanted === value;
  return (
    fits(policy.namespace, attributes.namespace) &&
    fits(policy.resource, attributes.resource) &&
    fits(policy.apiGroup, attributes.group)
  );
}

function isPathOf({ nonResourcePath }: Policy, path: string): boolean {
  if (nonResourcePath.endsWith("*")) return path.startsWith(nonResourcePath.replace(/\*+$/, ""));
  return nonResourcePath !== "" && nonResourcePath === path;
}

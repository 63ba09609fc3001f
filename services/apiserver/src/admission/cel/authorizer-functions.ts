import { type CelFunc, type CelInput, CelScalar, type CelValue, celMap, celMethod, isCelMap } from "@bufbuild/cel";
import type { Attributes, Authorizer, Decision } from "../../auth/authorizer.ts";
import type { User } from "../../auth/user.ts";
import { serviceAccountUser } from "./service-account-user.ts";

export interface Authorization {
  readonly authorizer: Authorizer;
  readonly user: User;
}

type Check = Partial<Omit<Attributes, "user">> & { readonly account?: readonly [namespace: string, name: string] };

const { STRING, BOOL, DYN } = CelScalar;
const checkKey = "@authorizer";
const decisionKey = "@decision";

// Evaluation is synchronous: one expression runs at a time.
let current: Authorization | undefined;

/** Lets `act` evaluate expressions that ask what `authorization`'s user may do. */
export function withAuthorizer<T>(authorization: Authorization, act: () => T): T {
  const outer = current;
  current = authorization;
  try {
    return act();
  } finally {
    current = outer;
  }
}

/** A check that is not asked yet: what it is about so far. `more` are fields that expressions may select. */
export function checkValue(check: Check, more: Readonly<Record<string, CelInput>> = {}): CelInput {
  return celMap(new Map<string, CelInput>([[checkKey, JSON.stringify(check)], ...Object.entries(more)]));
}

function held(value: CelValue, key: string): Record<string, unknown> {
  const text = isCelMap(value) ? value.get(key) : undefined;
  if (typeof text !== "string") throw new Error("no such overload");
  return JSON.parse(text) as Record<string, unknown>;
}

function extend(name: string, add: (argument: string) => Check): CelFunc {
  return celMethod(name, DYN, [STRING], DYN, function (argument) {
    return checkValue({ ...held(this, checkKey), ...add(argument) });
  });
}

function read(name: string, type: typeof BOOL | typeof STRING, of: (decision: Decision) => boolean | string): CelFunc {
  return celMethod(name, DYN, [], type, function () {
    return of(held(this, decisionKey) as unknown as Decision) as never;
  });
}

/** `authorizer.group(…).resource(…).check(…).allowed()` and its like. */
export const authorizerFunctions: readonly CelFunc[] = [
  extend("path", (path) => ({ path, isResource: false })),
  extend("group", (group) => ({ group, isResource: true, version: "*" })),
  extend("resource", (resource) => ({ resource })),
  extend("subresource", (subresource) => ({ subresource })),
  extend("namespace", (namespace) => ({ namespace })),
  extend("name", (name) => ({ name })),
  extend("fieldSelector", (fieldSelector) => ({ fieldSelector })),
  extend("labelSelector", (labelSelector) => ({ labelSelector })),
  celMethod("serviceAccount", DYN, [STRING, STRING], DYN, function (namespace, name) {
    return checkValue({ ...held(this, checkKey), account: [namespace, name] });
  }),
  celMethod("check", DYN, [STRING], DYN, function (verb) {
    const decision = ask({ ...held(this, checkKey), verb });
    return celMap(new Map<string, CelInput>([[decisionKey, JSON.stringify(decision)]]));
  }),
  read("allowed", BOOL, (decision) => decision.allowed),
  read("reason", STRING, (decision) => decision.reason),
  read("errored", BOOL, () => false),
  read("error", STRING, () => ""),
];

function ask({ account, ...check }: Check): Decision {
  if (!current) throw new Error("no authorizer");
  const decision = current.authorizer.authorize({
    verb: "",
    isResource: true,
    path: "",
    group: "",
    version: "",
    resource: "",
    subresource: "",
    namespace: "",
    name: "",
    ...check,
    user: account ? serviceAccountUser(...account) : current.user,
  });
  if (decision instanceof Promise) throw new Error("the authorizer cannot answer without asking others");
  return decision;
}

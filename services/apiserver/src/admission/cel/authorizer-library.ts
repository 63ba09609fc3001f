import type { Attributes, Decision } from "../../auth/authorizer.ts";
import type { User } from "../../auth/user.ts";
import { type FunctionDeclaration, method, Opaque, celType as t } from "../../cel/index.ts";
import type { Decisions } from "./decisions.ts";
import { serviceAccountUser } from "./service-account-user.ts";

const { STRING, BOOL, opaque } = t;

export const authorizerType = opaque("kubernetes.authorization.Authorizer");
const pathCheck = opaque("kubernetes.authorization.PathCheck");
const groupCheck = opaque("kubernetes.authorization.GroupCheck");
export const resourceCheckType = opaque("kubernetes.authorization.ResourceCheck");
const decisionType = opaque("kubernetes.authorization.Decision");

/** What is to be asked, as far as it is said. */
type Question = Partial<Omit<Attributes, "user">>;

/** A check that is being put together. */
interface Check {
  readonly decisions: Decisions;
  readonly user: User;
  readonly question: Question;
}

type CheckValue = Opaque<Check>;

function check(type: t.Type, held: Check): CheckValue {
  return new Opaque(type, held, JSON.stringify([held.user.name, held.question]));
}

/** `authorizer`: the requests of `user`. */
export function authorizerValue(decisions: Decisions, user: User): CheckValue {
  return check(authorizerType, { decisions, user, question: {} });
}

/** `authorizer.requestResource`: the resource that the write itself is about. */
export function requestResourceValue(decisions: Decisions, user: User, question: Question): CheckValue {
  return check(resourceCheckType, { decisions, user, question: { ...question, isResource: true } });
}

function adding(name: string, from: t.Type, to: t.Type, more: (argument: string) => Question): FunctionDeclaration {
  return method(name, [from, STRING], to, ({ held }: CheckValue, argument: string) =>
    check(to, { ...held, question: { ...held.question, ...more(argument) } }),
  );
}

function asked({ held: { decisions, user, question } }: CheckValue, verb: string): Opaque<Decision> {
  const decision = decisions.of({ ...unasked, ...question, verb, user });
  return new Opaque(decisionType, decision, JSON.stringify(decision));
}

const unasked = {
  isResource: true,
  path: "",
  group: "",
  version: "*",
  resource: "",
  subresource: "",
  namespace: "",
  name: "",
} as const;

/** Two checks in an expression at most: asking may mean asking another server. */
const checkCost = () => 350_000;

function reading(name: string, result: t.Type, of: (decision: Decision) => boolean | string): FunctionDeclaration {
  return method(name, [decisionType], result, ({ held }: Opaque<Decision>) => of(held));
}

/** Why the question could not be answered: another server that was to be asked did not answer. */
function failureOf(decision: Decision): Error | undefined {
  return decision.allowed ? undefined : decision.error;
}

/** `authorizer.group("apps").resource("deployments").namespace("a").check("create").allowed()`, and its like. */
export const authorizerLibrary: readonly FunctionDeclaration[] = [
  method(
    "serviceAccount",
    [authorizerType, STRING, STRING],
    authorizerType,
    ({ held }: CheckValue, namespace: string, name: string) =>
      check(authorizerType, { ...held, user: serviceAccountUser(namespace, name) }),
  ),
  adding("path", authorizerType, pathCheck, (path) => ({ path, isResource: false })),
  adding("group", authorizerType, groupCheck, (group) => ({ group })),
  adding("resource", groupCheck, resourceCheckType, (resource) => ({ resource })),
  adding("subresource", resourceCheckType, resourceCheckType, (subresource) => ({ subresource })),
  adding("namespace", resourceCheckType, resourceCheckType, (namespace) => ({ namespace })),
  adding("name", resourceCheckType, resourceCheckType, (name) => ({ name })),
  adding("fieldSelector", resourceCheckType, resourceCheckType, (fieldSelector) => ({ fieldSelector })),
  adding("labelSelector", resourceCheckType, resourceCheckType, (labelSelector) => ({ labelSelector })),
  method("check", [pathCheck, STRING], decisionType, asked, checkCost),
  method("check", [resourceCheckType, STRING], decisionType, asked, checkCost),
  reading("allowed", BOOL, ({ allowed }) => allowed),
  reading("reason", STRING, ({ reason }) => reason),
  reading("errored", BOOL, (decision) => failureOf(decision) !== undefined),
  reading("error", STRING, (decision) => failureOf(decision)?.message ?? ""),
];

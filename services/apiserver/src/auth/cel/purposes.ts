import { baseLibraries, type Environment, functionTable, celType as t } from "../../cel/index.ts";

const { STRING, DYN, listOf, mapOf, structType } = t;

const userType = structType("kubernetes.UserInfo", {
  username: STRING,
  uid: STRING,
  groups: listOf(STRING),
  extra: mapOf(STRING, listOf(STRING)),
});

const requirementsOf = (name: string) =>
  structType(`kubernetes.${name}SelectorAttributes`, {
    rawSelector: STRING,
    requirements: listOf(
      structType(`kubernetes.${name}SelectorRequirement`, { key: STRING, operator: STRING, values: listOf(STRING) }),
    ),
  });

/** What a SubjectAccessReview asks. */
const requestType = structType("kubernetes.SubjectAccessReviewSpec", {
  resourceAttributes: structType("kubernetes.ResourceAttributes", {
    namespace: STRING,
    verb: STRING,
    group: STRING,
    version: STRING,
    resource: STRING,
    subresource: STRING,
    name: STRING,
    fieldSelector: requirementsOf("Field"),
    labelSelector: requirementsOf("Label"),
  }),
  nonResourceAttributes: structType("kubernetes.NonResourceAttributes", { path: STRING, verb: STRING }),
  user: STRING,
  groups: listOf(STRING),
  extra: mapOf(STRING, listOf(STRING)),
  uid: STRING,
});

/** What expressions of one purpose may name, and whether they answer yes or no. */
export interface Purpose {
  readonly environment: Environment;
  readonly variable: string;
  readonly isCondition: boolean;
}

const functions = functionTable(...baseLibraries);

function purpose(variable: string, type: t.Type, isCondition: boolean): Purpose {
  return { environment: { functions, variables: { [variable]: type } }, variable, isCondition };
}

/** The purposes that expressions of configuration files have. Of a token's claims nothing is known before it is there. */
export const purposes = {
  claimMapping: purpose("claims", mapOf(STRING, DYN), false),
  claimRule: purpose("claims", mapOf(STRING, DYN), true),
  userRule: purpose("user", userType, true),
  matchCondition: purpose("request", requestType, true),
} as const;

export type PurposeName = keyof typeof purposes;

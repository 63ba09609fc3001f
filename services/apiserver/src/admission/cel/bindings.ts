import type { KubeObject, Namespace } from "@tskube/api";
import type { Authorizer } from "../../auth/authorizer.ts";
import { fromJson, type Value, type Variables } from "../../cel/index.ts";
import { admissionRequest, type ShownWrite } from "../matching/shown-write.ts";
import { authorizerValue, requestResourceValue } from "./authorizer-library.ts";
import { CostBudget } from "./budget.ts";
import { Decisions } from "./decisions.ts";
import { namespaceType, requestType } from "./types.ts";

/** What the expressions of one policy or webhook have for one write. */
export interface Bindings {
  readonly variable: Variables;
  readonly budget: CostBudget;
}

/** What all expressions about one write may name; each value is made when an expression first names it. */
export function writeVariables(
  write: ShownWrite,
  authorizer: Authorizer,
  namespaceObject: Namespace | undefined,
): Variables {
  const { attributes } = write;
  const decisions = new Decisions(authorizer);
  const make: Readonly<Record<string, () => Value>> = {
    object: () => fromJson(write.object),
    oldObject: () => fromJson(write.oldObject),
    request: () => fromJson(admissionRequest(write), requestType),
    namespaceObject: () => fromJson(namespaceObject && shownNamespace(namespaceObject), namespaceType),
    authorizer: () => authorizerValue(decisions, attributes.user),
    "authorizer.requestResource": () => {
      const { group, version, resource, subresource, namespace, name } = attributes;
      return requestResourceValue(decisions, attributes.user, {
        group,
        version,
        resource,
        subresource,
        namespace,
        name,
      });
    },
  };
  const made = new Map<string, Value>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined || !Object.hasOwn(make, name)) return known;
    const value = make[name]?.() ?? null;
    made.set(name, value);
    return value;
  };
}

/** The same, and `params`. */
export function withParams(variables: Variables, params: KubeObject | undefined): Variables {
  const value = fromJson(params);
  return (name) => (name === "params" ? value : variables(name));
}

export function bindingsOf(variable: Variables, cost: number): Bindings {
  return { variable, budget: new CostBudget(cost) };
}

/** Under the names that the type has for its fields. */
function shownNamespace({ metadata, ...rest }: Namespace): object {
  const { uid, ...others } = metadata;
  return { ...rest, metadata: { ...others, UID: uid } };
}

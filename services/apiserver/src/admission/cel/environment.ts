import { baseLibraries, type Environment, functionTable, type Type, celType as t } from "../../cel/index.ts";
import { authorizerLibrary, authorizerType, resourceCheckType } from "./authorizer-library.ts";
import { namespaceType, requestType } from "./types.ts";

const functions = functionTable(...baseLibraries, authorizerLibrary);

export interface AdmissionNames {
  /** Expressions may name `params`. */
  readonly hasParams?: boolean;
  /** What `object` and `oldObject` are; anything when absent. */
  readonly objectType?: Type;
  readonly paramsType?: Type;
}

/** What expressions of admission may name. */
export function admissionEnvironment(names: AdmissionNames = {}): Environment {
  const { hasParams = false, objectType = t.DYN, paramsType = t.DYN } = names;
  return {
    functions,
    variables: {
      object: objectType,
      oldObject: objectType,
      request: requestType,
      namespaceObject: namespaceType,
      ...(hasParams && { params: paramsType }),
      authorizer: authorizerType,
      "authorizer.requestResource": resourceCheckType,
    },
  };
}

/** Expressions that make messages may not ask what users may do. */
export function withoutAuthorizer(environment: Environment): Environment {
  const { authorizer: _, "authorizer.requestResource": __, ...variables } = environment.variables;
  return { ...environment, variables };
}

import { StatusError, unsupportedMediaType } from "@tskube/apimachinery";
import type { Handler } from "../../http/context.ts";
import { bodyType } from "../../resources/read-body.ts";
import type { Route } from "../../resources/router.ts";
import type { VersionSummary } from "./version.ts";

const patchTypes = ["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"];

/**
 * A route as custom resources have it: clients of deprecated versions are warned; strategic merge patches, which need Go structs' tags, are refused;
 * nothing is created any more once the definition is going.
 */
export function customRoute(route: Route, { warning, info }: VersionSummary, isTerminating: () => boolean): Route {
  const guard =
    (handle: Handler): Handler =>
    (context) => {
      const { verb } = context.info;
      if (warning !== undefined) {
        context.exchange.warn(warning);
        context.exchange.audit?.annotate("k8s.io/deprecated", "true");
      }
      if (verb === "create" && isTerminating()) throw terminating(info.group, info.resource);
      const isStrategic = verb === "patch" && bodyType(context.exchange) === "application/strategic-merge-patch+json";
      if (isStrategic) throw unsupportedMediaType(patchTypes);
      return handle(context);
    };
  const subresources = Object.entries(route.subresources).map(([name, handle]) => [name, guard(handle)] as const);
  return { ...route, whole: guard(route.whole), subresources: Object.fromEntries(subresources) };
}

function terminating(group: string, kind: string): StatusError {
  return StatusError.fromStatus({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: "create not allowed while custom resource definition is terminating",
    reason: "MethodNotAllowed",
    details: { group, kind },
    code: 405,
  });
}

import { notAcceptable } from "@tskube/apimachinery";
import { accepts, type MediaRange, parseAccept } from "../http/accept.ts";

/** What a client wants of discovery: everything at once, or the single document as one of two texts. */
export type DiscoveryForm = "aggregated" | "json" | "yaml";

const json = "application/json";
const yaml = "application/yaml";

/** The first form that the client names and there is; throws `notAcceptable`. Only the lists of all groups have the aggregated one. */
export function chooseForm(accept: string | undefined, hasAggregated: boolean): DiscoveryForm {
  for (const range of parseAccept(accept)) {
    const form = formOf(range);
    if (form && (form !== "aggregated" || hasAggregated)) return form;
  }
  throw notAcceptable([json, yaml]);
}

function formOf(range: MediaRange): DiscoveryForm | undefined {
  const { g, v, as, profile } = range.parameters;
  if (as === undefined && g === undefined)
    return accepts(range, json) ? "json" : accepts(range, yaml) ? "yaml" : undefined;
  const isAggregated = g === "apidiscovery.k8s.io" && v === "v2" && as === "APIGroupDiscoveryList";
  return isAggregated && profile === undefined && accepts(range, json) ? "aggregated" : undefined;
}

export { aggregationFlags, aggregationOptions, validateAggregationFlags } from "./aggregation-flags.ts";
export { type Aggregation, type AggregationOptions, openAggregation, type ProxyClient } from "./open-aggregation.ts";
export { aggregationHooks } from "./start-hooks.ts";

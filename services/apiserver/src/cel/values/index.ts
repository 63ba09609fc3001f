export { compare, equal, listIndex, sizeOf, textSize } from "./compare.ts";
export { fromJson, toJson } from "./json.ts";
export { joinKeyed } from "./keyed-lists.ts";
export { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from "./times.ts";
export { isOfType, typeOfValue } from "./type-of-value.ts";
export * from "./value.ts";

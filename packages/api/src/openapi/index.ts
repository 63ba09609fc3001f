export { type Descriptions, loadDescriptions } from "./descriptions.ts";
export { definitionName, groupVersionPath } from "./names.ts";
export { openapiV2 } from "./v2.ts";
export { encodeOpenapiV2 } from "./v2-protobuf.ts";
export { openapiV3 } from "./v3.ts";

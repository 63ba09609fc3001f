export { customType } from "./cel/custom-type.ts";
export { type CustomApi, openCustomApi } from "./open-custom-api.ts";

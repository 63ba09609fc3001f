export { type CustomApi, openCustomApi } from "./open-custom-api.ts";

export { arbitraryValue } from "./arbitrary-value.ts";

export { smallSchema } from "./small-schema.ts";

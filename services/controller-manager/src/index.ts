export { type Config, options, validate } from "./config.ts";
export { type Deps, run } from "./server.ts";

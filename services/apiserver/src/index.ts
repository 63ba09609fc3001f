export { type ApiServer, type ApiServerDeps, type ApiServerOptions, openApiServer } from "./api-server.ts";
export { type Config, options, validateConfig } from "./config.ts";
export { run, type ServerDeps } from "./server.ts";

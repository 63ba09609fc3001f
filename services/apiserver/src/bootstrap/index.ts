export type { AuthenticationFacts } from "./authentication-config-map.ts";
export { type Bootstrap, type BootstrapDeps, createBootstrap } from "./create-bootstrap.ts";
export { keepAuthenticationConfig } from "./keep-authentication-config.ts";

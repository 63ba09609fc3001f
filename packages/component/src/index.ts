export { type CheckResult, type HealthCheck, HealthChecks, type HealthEndpoint } from "./health/checks.ts";
export { answerHealth, type TextAnswer } from "./health/health-endpoint.ts";
export {
  type Authorize,
  type HealthServer,
  type HealthServerOptions,
  parseHostPort,
  startHealthServer,
} from "./health/health-server.ts";
export { type BaseTable, type Host, type MainContext, type Program, runMain } from "./main/run-main.ts";
export type { ProgramInfo } from "./options/command-line.ts";
export {
  baseOptions,
  clientOptions,
  delegatedAccessOptions,
  healthOptions,
  leaderElectionOptions,
  servingOptions,
} from "./options/common.ts";
export { flagName, variableName } from "./options/names.ts";
export {
  BadValue,
  boolean,
  choice,
  decimal,
  duration,
  integer,
  list,
  type Option,
  type OptionTable,
  type OptionValues,
  parseDurationMs,
  path,
  port,
  text,
} from "./options/option.ts";
export {
  type ConfigDocument,
  type ConfigSources,
  type ConfigSpec,
  type ParsedConfig,
  parseConfig,
} from "./options/parse-config.ts";
export { UsageError } from "./options/usage-error.ts";
export { openServingTls, type ServingTlsConfig } from "./tls/serving-tls.ts";
export {
  openTlsFiles,
  readTlsFiles,
  type TlsContents,
  type TlsDeps,
  type TlsFiles,
  type TlsSource,
} from "./tls/tls-files.ts";

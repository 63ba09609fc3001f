export { type Auditing, auditAuthentication, auditRequests } from "./audit-filters.ts";
export { type AuditDeps, type OpenAuditing, openAuditing } from "./open-auditing.ts";
export { type AuditConfig, auditOptions, validateAuditConfig } from "./options.ts";

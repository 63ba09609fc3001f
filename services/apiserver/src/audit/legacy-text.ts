import { goQuote } from "@tskube/apimachinery";
import type { AuditEvent } from "./event.ts";

/** The event in one line of text: `--audit-log-format=legacy`. */
export function legacyText(event: AuditEvent): string {
  const { user, impersonatedUser } = event;
  const fields: Readonly<Record<string, string>> = {
    id: event.auditId,
    stage: event.stage,
    ip: event.sourceIps[0] ?? "<unknown>",
    method: event.verb,
    user: user?.name || "<none>",
    groups: user?.name && user.groups.length > 0 ? quoted(user.groups) : "<none>",
    as: impersonatedUser ? impersonatedUser.name : "<self>",
    asgroups: impersonatedUser ? quoted(impersonatedUser.groups) : "<lookup>",
    "user-agent": event.userAgent,
    namespace: event.objectRef?.namespace || "<none>",
    uri: event.requestUri,
    response: event.responseStatus ? String(event.responseStatus.code) : "<deferred>",
  };
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${goQuote(value)}`);
  return `${event.requestReceivedTimestamp} AUDIT: ${shown.join(" ")}`;
}

function quoted(groups: readonly string[]): string {
  return groups.map(goQuote).join(",");
}

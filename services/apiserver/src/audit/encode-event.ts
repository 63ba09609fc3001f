import type { User } from "../auth/user.ts";
import type { AuditEvent, JsonText } from "./event.ts";

/** The event's JSON in upstream's order of fields, on one line. Objects are spliced in as the texts that they are. */
export function encodeEvent(event: AuditEvent): JsonText {
  const { impersonatedUser, sourceIps, userAgent, objectRef, responseStatus } = event;
  const head = {
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: event.level,
    auditID: event.auditId,
    stage: event.stage,
    requestURI: event.requestUri,
    verb: event.verb,
    user: userInfo(event.user),
    impersonatedUser: impersonatedUser && userInfo(impersonatedUser),
    sourceIPs: sourceIps.length > 0 ? sourceIps : undefined,
    userAgent: userAgent || undefined,
    objectRef,
    responseStatus: responseStatus && { metadata: {}, ...responseStatus },
  };
  const tail = {
    requestReceivedTimestamp: event.requestReceivedTimestamp,
    stageTimestamp: event.stageTimestamp,
    annotations: event.annotations.size > 0 ? sorted(event.annotations) : undefined,
  };
  return [
    JSON.stringify(head).slice(0, -1),
    ...(event.requestObject ? [`"requestObject":${event.requestObject}`] : []),
    ...(event.responseObject ? [`"responseObject":${event.responseObject}`] : []),
    JSON.stringify(tail).slice(1),
  ].join(",");
}

function userInfo(user: User | undefined): object {
  if (!user) return {};
  const { name, uid, groups, extra } = user;
  return {
    username: name,
    uid: uid || undefined,
    groups: groups.length > 0 ? groups : undefined,
    extra: extra && Object.keys(extra).length > 0 ? extra : undefined,
  };
}

/** Go writes a map's keys in their order. */
function sorted(annotations: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  return Object.fromEntries([...annotations].sort(([a], [b]) => (a < b ? -1 : 1)));
}

import { formatMicroTime, isJsonObject, type Status } from "@tskube/apimachinery";
import type { User } from "../auth/user.ts";
import type { AuditTrail } from "../http/audit-trail.ts";
import type { RequestContext } from "../http/context.ts";
import type { AuditEvent, JsonText, ObjectReference, ResponseStatus } from "./event.ts";
import type { AuditConfig } from "./policy/evaluate-policy.ts";
import { type Level, reaches, type Stage } from "./policy/policy.ts";
import { sourceIps } from "./source-ips.ts";
import { withoutManagedFields } from "./without-managed-fields.ts";

/** The most of a client's name that is recorded. */
const maxUserAgentLength = 1024;

/** Gathers what is recorded of one request. Until `begin` says how much that is, annotations are kept. */
export class RequestAudit implements AuditTrail {
  readonly #context: RequestContext;
  readonly #receivedMs: number;
  readonly #annotations = new Map<string, string>();
  #config: AuditConfig | undefined;
  /** Who was authenticated, before any impersonation. */
  #user: User | undefined;
  #objectRef: ObjectReference | undefined;
  #requestObject: JsonText | undefined;
  #responseObject: JsonText | undefined;
  #responseStatus: ResponseStatus | undefined;

  constructor(context: RequestContext, receivedMs: number) {
    this.#context = context;
    this.#receivedMs = receivedMs;
  }

  /** `user` is absent when authentication failed. */
  begin(config: AuditConfig, user: User | undefined): void {
    this.#config = config;
    this.#user = user;
    const { info } = this.#context;
    if (!info.isResource) return;
    this.#objectRef = {
      ...named("resource", info.resource),
      ...named("namespace", info.namespace),
      ...named("name", info.name),
      ...named("apiGroup", info.group),
      ...named("apiVersion", info.version),
      ...named("subresource", info.subresource),
    };
  }

  get hasBegun(): boolean {
    return this.#config !== undefined;
  }

  get level(): Level {
    return this.#config?.level ?? "None";
  }

  wants(stage: Stage): boolean {
    return this.level !== "None" && !this.#config?.omitStages.has(stage);
  }

  annotate(key: string, value: string): void {
    if (!this.#annotations.has(key)) this.#annotations.set(key, value);
  }

  requested(object: object): void {
    if (this.level === "None") return;
    this.#completeReference(object);
    if (reaches(this.level, "Request")) this.#requestObject = this.#text(object);
  }

  patched(patch: unknown): void {
    if (reaches(this.level, "Request")) this.#requestObject = JSON.stringify(patch);
  }

  answered(json: () => JsonText): void {
    if (!reaches(this.level, "RequestResponse")) return;
    const text = json();
    this.#responseObject = this.#config?.omitManagedFields ? this.#text(JSON.parse(text)) : text;
  }

  answeredStatus(answer: object): void {
    this.endedWith(answer as Status);
    this.answered(() => JSON.stringify(answer));
  }

  /** How the request ended where no Status was sent. */
  endedWith({ status, message, reason, details, code }: Partial<Status>): void {
    this.#responseStatus = {
      ...named("status", status),
      ...named("message", message),
      ...named("reason", reason),
      ...(details && { details }),
      code: code ?? 0,
    };
  }

  /** The head of the answer left with this code. */
  started(code: number): void {
    this.#responseStatus = { ...this.#responseStatus, code };
  }

  /** The request as it stands now. */
  event(stage: Stage, nowMs: number): AuditEvent {
    const { exchange, auditId, info, user } = this.#context;
    return {
      level: this.level,
      auditId,
      stage,
      requestUri: exchange.request.url ?? "",
      verb: info.verb,
      user: this.#user,
      impersonatedUser: this.#user && user !== this.#user ? user : undefined,
      sourceIps: sourceIps(exchange),
      userAgent: shortened(exchange.header("user-agent") ?? ""),
      objectRef: this.#objectRef,
      responseStatus: this.#responseStatus,
      requestObject: this.#requestObject,
      responseObject: this.#responseObject,
      requestReceivedTimestamp: formatMicroTime(this.#receivedMs),
      stageTimestamp: formatMicroTime(stage === "RequestReceived" ? this.#receivedMs : nowMs),
      annotations: new Map(this.#annotations),
    };
  }

  /** What the path left open (a new object's name) the object says. */
  #completeReference(object: object): void {
    const metadata = (object as { metadata?: unknown }).metadata;
    if (!isJsonObject(metadata)) return;
    const { namespace, name, uid, resourceVersion } = metadata as Readonly<Record<string, string | undefined>>;
    this.#objectRef = {
      ...named("namespace", namespace),
      ...named("name", name),
      ...named("uid", uid),
      ...named("resourceVersion", resourceVersion),
      ...this.#objectRef,
    };
  }

  #text(object: unknown): JsonText {
    return JSON.stringify(this.#config?.omitManagedFields ? withoutManagedFields(object) : object);
  }
}

/** Upstream leaves out what is empty. */
function named<K extends string>(key: K, value: string | undefined): { readonly [key in K]?: string } {
  return value ? ({ [key]: value } as { readonly [key in K]: string }) : {};
}

function shortened(userAgent: string): string {
  return userAgent.length > maxUserAgentLength ? `${userAgent.slice(0, maxUserAgentLength)}...TRUNCATED` : userAgent;
}

import type { Container, LifecycleHandler, Probe, ProbeHandler } from "@tskube/api";
import { type FieldError, field, type Path, portNameErrors, portNumberErrors } from "@tskube/apimachinery";

type Handler = ProbeHandler & LifecycleHandler;

/** Probes and lifecycle hooks. Init containers that end have none of them. */
export function validateHandlers(container: Container, at: Path, isPlainInit: boolean): FieldError[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  if (isPlainInit) {
    const detail = "may not be set for init containers without restartPolicy=Always";
    return Object.entries({ lifecycle, livenessProbe, readinessProbe, startupProbe })
      .filter(([, value]) => value !== undefined)
      .map(([name]) => field.forbidden(at.child(name), detail));
  }
  return [
    ...validateHook(lifecycle?.postStart, at.child("lifecycle", "postStart")),
    ...validateHook(lifecycle?.preStop, at.child("lifecycle", "preStop")),
    ...validateProbe(livenessProbe, at.child("livenessProbe"), true),
    ...validateProbe(readinessProbe, at.child("readinessProbe"), false),
    ...validateProbe(startupProbe, at.child("startupProbe"), true),
  ];
}

function validateHook(handler: LifecycleHandler | undefined, at: Path): FieldError[] {
  return handler ? validateHandler(handler as Handler, at) : [];
}

const notNegative = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
] as const;

function validateProbe(probe: Probe | undefined, at: Path, needsOneSuccess: boolean): FieldError[] {
  if (!probe) return [];
  const errors = validateHandler(probe as Handler, at);
  for (const name of notNegative) {
    const value = probe[name];
    if (value !== undefined && value < 0) {
      errors.push(field.invalid(at.child(name), value, "must be greater than or equal to 0"));
    }
  }
  if (needsOneSuccess && probe.successThreshold !== undefined && probe.successThreshold !== 1) {
    errors.push(field.invalid(at.child("successThreshold"), probe.successThreshold, "must be 1"));
  }
  return errors;
}

const kinds = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;

function validateHandler(handler: Handler & { grpc?: { port: number } | undefined }, at: Path): FieldError[] {
  const present = kinds.filter((kind) => handler[kind] !== undefined);
  if (present.length === 0) return [field.required(at, "must specify a handler type")];
  const errors = present
    .slice(1)
    .map((kind) => field.forbidden(at.child(kind), "may not specify more than 1 handler type"));
  const { exec, httpGet, tcpSocket, grpc } = handler;
  if (exec && !exec.command?.length) errors.push(field.required(at.child("exec", "command")));
  if (httpGet) {
    if (!httpGet.path) errors.push(field.required(at.child("httpGet", "path")));
    errors.push(...validatePort(httpGet.port, at.child("httpGet", "port")));
    if (httpGet.scheme && httpGet.scheme !== "HTTP" && httpGet.scheme !== "HTTPS") {
      errors.push(field.notSupported(at.child("httpGet", "scheme"), httpGet.scheme, ["HTTP", "HTTPS"]));
    }
  }
  if (tcpSocket) errors.push(...validatePort(tcpSocket.port, at.child("tcpSocket", "port")));
  if (grpc) errors.push(...validatePort(grpc.port, at.child("grpc", "port")));
  return errors;
}

function validatePort(port: number | string, at: Path): FieldError[] {
  const messages = typeof port === "number" ? portNumberErrors(port) : portNameErrors(port);
  return messages.map((message) => field.invalid(at, port, message));
}

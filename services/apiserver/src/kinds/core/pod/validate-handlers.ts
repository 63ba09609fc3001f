import type { Container, LifecycleHandler, PodSpec, Probe, ProbeHandler } from "@tskube/api";
import {
  type FieldError,
  field,
  httpHeaderNameErrors,
  type Path,
  portNameErrors,
  portNumberErrors,
} from "@tskube/apimachinery";

type Handler = Partial<ProbeHandler & LifecycleHandler>;
type HttpGet = NonNullable<Handler["httpGet"]>;

const schemes = ["HTTP", "HTTPS"];
const kinds = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;
const notNegative = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
] as const;

/** A container that is to end has nothing that watches over it. */
export function forbiddenHandlers(container: Container, at: Path): FieldError[] {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  const detail = "may not be set for init containers without restartPolicy=Always";
  return Object.entries({ lifecycle, livenessProbe, readinessProbe, startupProbe })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => field.forbidden(at.child(name), detail));
}

/** Probes and lifecycle hooks. */
export function validateHandlers(container: Container, spec: PodSpec, at: Path): FieldError[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const grace = spec.terminationGracePeriodSeconds ?? 0;
  return [
    ...hookErrors(lifecycle?.postStart, grace, at.child("lifecycle", "postStart")),
    ...hookErrors(lifecycle?.preStop, grace, at.child("lifecycle", "preStop")),
    ...stopSignalErrors(lifecycle?.stopSignal, spec, at.child("lifecycle", "stopSignal")),
    ...deciding(livenessProbe, grace, at.child("livenessProbe")),
    ...readinessErrors(readinessProbe, grace, at.child("readinessProbe")),
    ...deciding(startupProbe, grace, at.child("startupProbe")),
  ];
}

function hookErrors(handler: LifecycleHandler | undefined, grace: number, at: Path): FieldError[] {
  return handler ? handlerErrors(handler, grace, at) : [];
}

function stopSignalErrors(signal: string | undefined, { os }: PodSpec, at: Path): FieldError[] {
  if (signal === undefined) return [];
  return os?.name ? [] : [field.forbidden(at, "may not be set for containers with empty `spec.os.name`")];
}

/** Probes whose failure ends the container: one success must do. */
function deciding(probe: Probe | undefined, grace: number, at: Path): FieldError[] {
  if (!probe) return [];
  const errors = probeErrors(probe, grace, at);
  if (probe.successThreshold !== undefined && probe.successThreshold !== 1) {
    errors.push(field.invalid(at.child("successThreshold"), probe.successThreshold, "must be 1"));
  }
  return errors;
}

function readinessErrors(probe: Probe | undefined, grace: number, at: Path): FieldError[] {
  if (!probe) return [];
  const errors = probeErrors(probe, grace, at);
  const own = probe.terminationGracePeriodSeconds;
  if (own !== undefined) {
    const path = at.child("terminationGracePeriodSeconds");
    errors.push(field.invalid(path, own, "must not be set for readinessProbes"));
  }
  return errors;
}

function probeErrors(probe: Probe, grace: number, at: Path): FieldError[] {
  const errors = handlerErrors(probe, grace, at);
  for (const name of notNegative) {
    const value = probe[name];
    if (value !== undefined && value < 0) {
      errors.push(field.invalid(at.child(name), value, "must be greater than or equal to 0"));
    }
  }
  const own = probe.terminationGracePeriodSeconds;
  if (own !== undefined && own <= 0) {
    errors.push(field.invalid(at.child("terminationGracePeriodSeconds"), own, "must be greater than 0"));
  }
  return errors;
}

function handlerErrors(handler: Handler, grace: number, at: Path): FieldError[] {
  const [first, ...others] = kinds.filter((kind) => handler[kind] !== undefined);
  if (first === undefined) return [field.required(at, "must specify a handler type")];
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  const path = at.child(first);
  const errors: FieldError[] = [];
  if (first === "exec" && !exec?.command?.length) errors.push(field.required(path.child("command")));
  if (first === "httpGet" && httpGet) errors.push(...httpErrors(httpGet, path));
  if (first === "tcpSocket" && tcpSocket) errors.push(...portErrors(tcpSocket.port, path.child("port")));
  if (first === "grpc" && grpc) errors.push(...portErrors(grpc.port, path.child("port")));
  if (first === "sleep" && sleep && (sleep.seconds < 0 || sleep.seconds > grace)) {
    const detail = `must be non-negative and less than terminationGracePeriodSeconds (${grace})`;
    errors.push(field.invalid(path, sleep.seconds, detail));
  }
  const tooMany = others.map((kind) => field.forbidden(at.child(kind), "may not specify more than 1 handler type"));
  return [...errors, ...tooMany];
}

function httpErrors({ path, port, scheme = "", httpHeaders = [] }: HttpGet, at: Path): FieldError[] {
  const errors = path ? [] : [field.required(at.child("path"))];
  errors.push(...portErrors(port, at.child("port")));
  if (!schemes.includes(scheme)) errors.push(field.notSupported(at.child("scheme"), scheme, schemes));
  for (const { name } of httpHeaders) {
    errors.push(...httpHeaderNameErrors(name).map((message) => field.invalid(at.child("httpHeaders"), name, message)));
  }
  return errors;
}

function portErrors(port: number | string, at: Path): FieldError[] {
  const messages = typeof port === "number" ? portNumberErrors(port) : portNameErrors(port);
  return messages.map((message) => field.invalid(at, port, message));
}

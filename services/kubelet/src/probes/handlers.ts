import { createConnection } from "node:net";
import { credentials, status as grpcStatus, Metadata } from "@grpc/grpc-js";
import type { Container, Probe } from "@tskube/api";
import { errorMessage } from "@tskube/base";
import { CriError, type RuntimeService } from "@tskube/cri";
import { health } from "@tskube/proto-gen";
import { rpcErrorText } from "../runtime/rpc-error.ts";
import { dialMessage, httpGet, httpTarget } from "./http-request.ts";
import { resolvePort } from "./port.ts";
import { defaults, type Outcome } from "./probe.ts";

export interface ProbeTarget {
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
}

/** Carries out one try of a probe. Never throws. */
export type ProbeHandler = (probe: Probe, target: ProbeTarget) => Promise<Outcome>;

const success: Outcome = { result: "success", output: "" };
const failure = (output: string): Outcome => ({ result: "failure", output });
const error = (output: string): Outcome => ({ result: "failure", output, isError: true });

export interface ProbeHandlerDeps {
  readonly runtime: Pick<RuntimeService, "execSync">;
  readonly userAgent: string;
}

export function createProbeHandler({ runtime, userAgent }: ProbeHandlerDeps): ProbeHandler {
  return async (probe, target) => {
    const timeoutSeconds = probe.timeoutSeconds ?? defaults.timeoutSeconds;
    try {
      if (probe.exec) return await execProbe(runtime, probe.exec.command ?? [], target, timeoutSeconds);
      if (probe.httpGet) {
        const port = resolvePort(probe.httpGet.port, target.container);
        return await httpProbe(httpTarget(probe.httpGet, port, target.podIp, userAgent), timeoutSeconds);
      }
      if (probe.tcpSocket) {
        return await tcpProbe(
          probe.tcpSocket.host || target.podIp,
          resolvePort(probe.tcpSocket.port, target.container),
          timeoutSeconds,
        );
      }
      if (probe.grpc) return await grpcProbe(target.podIp, probe.grpc.port, probe.grpc.service ?? "", timeoutSeconds);
      return error("missing probe handler");
    } catch (thrown) {
      return error(errorMessage(thrown));
    }
  };
}

async function execProbe(
  runtime: ProbeHandlerDeps["runtime"],
  command: readonly string[],
  { containerId }: ProbeTarget,
  timeoutSeconds: number,
): Promise<Outcome> {
  try {
    const { exitCode, stdout, stderr } = await runtime.execSync(containerId, command, timeoutSeconds);
    return { result: exitCode === 0 ? "success" : "failure", output: Buffer.concat([stdout, stderr]).toString("utf8") };
  } catch (thrown) {
    const { code } = CriError.from(thrown);
    if (code === "DEADLINE_EXCEEDED")
      return failure(`command timed out: ${JSON.stringify(command.join(" "))} timed out after ${timeoutSeconds}s`);
    return error(rpcErrorText(thrown));
  }
}

async function httpProbe(target: ReturnType<typeof httpTarget>, timeoutSeconds: number): Promise<Outcome> {
  try {
    const { status } = await httpGet(target, timeoutSeconds * 1000);
    return status >= 200 && status < 400 ? success : failure(`HTTP probe failed with statuscode: ${status}`);
  } catch (thrown) {
    return failure(errorMessage(thrown));
  }
}

function tcpProbe(host: string, port: number, timeoutSeconds: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    const finish = (outcome: Outcome) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => finish(failure(`dial tcp ${host}:${port}: i/o timeout`)), timeoutSeconds * 1000);
    socket.once("connect", () => finish(success));
    socket.once("error", (thrown) => finish(failure(dialMessage(thrown))));
  });
}

function grpcProbe(host: string, port: number, service: string, timeoutSeconds: number): Promise<Outcome> {
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const client = new health.HealthClient(address, credentials.createInsecure());
  return new Promise<Outcome>((resolve) => {
    client.check({ service }, new Metadata(), { deadline: Date.now() + timeoutSeconds * 1000 }, (thrown, response) => {
      client.close();
      if (thrown) return resolve(failure(grpcMessage(thrown, address, timeoutSeconds)));
      const isServing = response.status === health.HealthCheckResponse_ServingStatus.SERVING;
      const status = Object.entries(health.HealthCheckResponse_ServingStatus).find(
        ([, value]) => value === response.status,
      )?.[0];
      resolve(isServing ? success : failure(`service unhealthy (responded with ${JSON.stringify(status)})`));
    });
  });
}

function grpcMessage(
  thrown: Error & { code?: number; details?: string },
  address: string,
  timeoutSeconds: number,
): string {
  switch (thrown.code) {
    case grpcStatus.UNIMPLEMENTED:
      return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${thrown.details}`;
    case grpcStatus.DEADLINE_EXCEEDED:
      return `timeout: health rpc did not complete within ${timeoutSeconds}s`;
    case grpcStatus.UNAVAILABLE:
      return `timeout: failed to connect service ${JSON.stringify(address)} within ${timeoutSeconds}s: ${thrown.details}`;
    default:
      return `error: health rpc probe failed: ${thrown.message}`;
  }
}

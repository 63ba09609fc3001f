import type { ServerResponse } from "node:http";
import type { Pod } from "@tskube/api";
import { type Clock, errorMessage, type MetricsRegistry } from "@tskube/base";
import type { RuntimeService } from "@tskube/cri";
import type { Kubelet } from "../kubelet.ts";
import { loggedContainer } from "../logs/find-log.ts";
import { parseLogOptions } from "../logs/log-options.ts";
import { readLog } from "../logs/read-log.ts";
import { type Machine, readLoad } from "../node/machine.ts";
import { uidOf } from "../pods/identity.ts";
import { latestContainer, readySandbox } from "../runtime/model.ts";
import { CpuRates } from "../stats/cpu-rate.ts";
import { cadvisorMetrics, resourceMetrics } from "../stats/exposition.ts";
import { statsSummary } from "../stats/summary.ts";
import { readNodeUsage, readPodUsage } from "../stats/usage.ts";
import { badRequest, notFound } from "./http-error.ts";
import type { Call, Handler, UpgradeHandler } from "./kubelet-server.ts";
import { containerPath, type PodPath, podPath } from "./path.ts";
import { proxyStream } from "./stream-proxy.ts";

export interface HandlerDeps {
  readonly kubelet: Kubelet;
  readonly runtime: RuntimeService;
  readonly clock: Clock;
  readonly metrics: MetricsRegistry;
  readonly machine: Machine;
  readonly nodeName: string;
  readonly rootDir: string;
  readonly configz: unknown;
  readonly idleMs: number;
}

const streamConnectMs = 10_000;
const runTimeoutSeconds = 0;

/** What the kubelet's API answers, by the first part of the path. */
export function createHandlers(deps: HandlerDeps): {
  handlers: Record<string, Handler>;
  upgrades: Record<string, UpgradeHandler>;
} {
  const { kubelet, runtime, metrics } = deps;
  const startedAtMs = deps.clock.now();
  const rates = new CpuRates();
  const runtimePod = (uid: string) => kubelet.view.get(uid);
  return {
    handlers: {
      healthz: (_, response) => sendText(response, "ok"),
      configz: (_, response) => sendJson(response, { kubeletconfig: deps.configz }),
      pods: (_, response) => sendJson(response, podList(withStatuses(kubelet))),
      runningpods: (_, response) => sendJson(response, podList(runningPods(kubelet))),
      containerLogs: (call, response) => sendLog(deps, call, response),
      run: (call, response) => runCommand(deps, call, response),
      stats: async (call, response) => {
        if (call.parts[0] !== "summary") throw notFound("404 page not found");
        const [node, load, pods] = await Promise.all([
          readNodeUsage(deps.clock.now()),
          readLoad(deps.rootDir),
          readPodUsage(runtime),
        ]);
        sendJson(response, statsSummary({ nodeName: deps.nodeName, startedAtMs, node, load, pods, runtimePod, rates }));
      },
      metrics: async (call, response) => {
        switch (call.parts[0]) {
          case undefined:
            return sendText(response, await metrics.metrics(), metrics.contentType);
          case "resource":
            return sendText(
              response,
              resourceMetrics(await readNodeUsage(deps.clock.now()), await readPodUsage(runtime), runtimePod),
              metrics.contentType,
            );
          case "cadvisor":
            return sendText(
              response,
              cadvisorMetrics(deps.machine, await readPodUsage(runtime), runtimePod),
              metrics.contentType,
            );
          case "probes":
            return sendText(response, "", metrics.contentType);
          default:
            throw notFound("404 page not found");
        }
      },
    },
    upgrades: {
      exec: (call, socket, head) => stream(deps, call, socket, head, execUrl),
      attach: (call, socket, head) => stream(deps, call, socket, head, attachUrl),
      portForward: (call, socket, head) => stream(deps, call, socket, head, portForwardUrl),
    },
  };
}

type StreamUrl = (deps: HandlerDeps, call: Call) => Promise<string>;

async function stream(
  deps: HandlerDeps,
  call: Call,
  socket: Parameters<UpgradeHandler>[1],
  head: Buffer,
  urlOf: StreamUrl,
): Promise<void> {
  const url = await urlOf(deps, call);
  await proxyStream(call.request, socket, head, url, { idleMs: deps.idleMs, connectMs: streamConnectMs });
}

const execUrl: StreamUrl = async (deps, call) => {
  const { id } = target(deps, containerPath(call.parts), "running");
  const command = call.query.getAll("command");
  if (command.length === 0) throw badRequest("you must specify at least 1 command for the container");
  return deps.runtime.exec(id, command, streams(call.query));
};

const attachUrl: StreamUrl = async (deps, call) => {
  const { id, container } = target(deps, containerPath(call.parts), "running");
  const wanted = streams(call.query);
  return deps.runtime.attach(id, { ...wanted, tty: container.tty === true });
};

const portForwardUrl: StreamUrl = async (deps, call) => {
  const path = podPath(call.parts);
  const pod = findPod(deps.kubelet, path);
  const runtimePod = deps.kubelet.view.get(uidOf(pod));
  const sandbox = runtimePod && readySandbox(runtimePod);
  if (!sandbox) throw notFound(`pod not found (${JSON.stringify(`${path?.pod}_${path?.namespace}`)})`);
  const ports = call.query.getAll("port").flatMap((list) => list.split(",").map(Number));
  if (ports.some((port) => !Number.isInteger(port) || port < 1 || port > 65535)) throw badRequest("invalid port");
  return deps.runtime.portForward(sandbox.id, ports);
};

/** The API server says `input`, `output` and `error`; people who talk to a kubelet say `stdin`, `stdout` and `stderr`. */
function streams(query: URLSearchParams) {
  const isOn = (...names: string[]) => names.some((name) => ["1", "true"].includes(query.get(name) ?? ""));
  const tty = isOn("tty");
  const options = {
    tty,
    stdin: isOn("input", "stdin"),
    stdout: isOn("output", "stdout"),
    stderr: !tty && isOn("error", "stderr"),
  };
  if (!options.stdin && !options.stdout && !options.stderr)
    throw badRequest("you must specify at least 1 of stdin, stdout, stderr");
  return options;
}

function findPod({ pods }: Kubelet, path: PodPath | undefined): Pod {
  if (!path) throw notFound("404 page not found");
  const pod = pods.find(path.namespace, path.pod);
  if (!pod || (path.uid && path.uid !== uidOf(pod))) throw notFound(`pod ${JSON.stringify(path.pod)} does not exist`);
  return pod;
}

function target(deps: HandlerDeps, path: PodPath | undefined, wanted: "running") {
  const pod = findPod(deps.kubelet, path);
  const name = path?.container ?? "";
  const runtimePod = deps.kubelet.view.get(uidOf(pod));
  const found = runtimePod && latestContainer(runtimePod, name);
  if (!found || found.state !== wanted) throw notFound(`container not found (${JSON.stringify(name)})`);
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? [])];
  return { id: found.id, container: all.find((each) => each.name === name) ?? { name } };
}

async function runCommand(deps: HandlerDeps, call: Call, response: ServerResponse): Promise<void> {
  const { id } = target(deps, containerPath(call.parts), "running");
  const command = call.query.get("cmd")?.split(" ") ?? call.query.getAll("command");
  const { stdout, stderr, exitCode } = await deps.runtime.execSync(id, command, runTimeoutSeconds, {
    signal: call.signal,
    timeoutMs: 0,
  });
  if (exitCode !== 0)
    throw new Error(
      `command '${command.join(" ")}' exited with ${exitCode}: ${Buffer.concat([stdout, stderr]).toString("utf8")}`,
    );
  sendText(response, Buffer.concat([stdout, stderr]));
}

async function sendLog(deps: HandlerDeps, call: Call, response: ServerResponse): Promise<void> {
  const { kubelet, clock } = deps;
  const path = containerPath(call.parts);
  const pod = findPod(kubelet, path);
  const name = path?.container ?? "";
  const options = orBadRequest(() => parseLogOptions(call.query, clock.now()));
  const uid = uidOf(pod);
  const id = orBadRequest(() => loggedContainer(pod, kubelet.status.get(uid), name, options.previous));
  const find = () => kubelet.view.get(uid)?.containers.find((container) => container.id === id);
  const logPath = find()?.logPath;
  if (!logPath)
    throw badRequest(`container ${JSON.stringify(name)} in pod ${JSON.stringify(path?.pod)} is not available`);
  const log = readLog({ path: logPath, isRunning: () => find()?.state === "running" }, options, call.signal);
  response.writeHead(200, { "content-type": "text/plain", "transfer-encoding": "chunked" });
  response.flushHeaders();
  for await (const block of log) {
    if (!response.write(block)) await drained(response, call.signal);
    if (call.signal.aborted) return;
  }
  response.end();
}

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    response.once("drain", resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function orBadRequest<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw badRequest(errorMessage(error));
  }
}

function withStatuses({ pods, status }: Kubelet): Pod[] {
  return pods.pods().map((pod) => ({ ...pod, status: status.get(uidOf(pod)) ?? pod.status }));
}

/** Pods as the runtime knows them, which needs no API server. */
function runningPods({ view }: Kubelet): Pod[] {
  return [...view.pods()]
    .filter((pod) => pod.containers.some(({ state }) => state === "running"))
    .map(({ uid, name, namespace, containers }) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace, uid },
      spec: {
        containers: containers
          .filter(({ state }) => state === "running")
          .map((each) => ({ name: each.name, image: each.image, resources: {} })),
      },
      status: {},
    }));
}

function podList(items: readonly Pod[]): unknown {
  return { kind: "PodList", apiVersion: "v1", metadata: {}, items };
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function sendText(response: ServerResponse, body: string | Buffer, contentType = "text/plain; charset=utf-8"): void {
  response.writeHead(200, { "content-type": contentType });
  response.end(body);
}

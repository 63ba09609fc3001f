import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeObject, Pod } from "@tskube/api";
import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { kinds, startEventRecorder } from "@tskube/client";
import { FakeApi } from "@tskube/client/testing";
import { createFakeCri, type FakeCri, type FakeCriOptions } from "@tskube/cri/testing";
import { type KubeletConfig, options } from "../config.ts";
import { type Kubelet, startKubelet } from "../kubelet.ts";
import { unprivilegedMounter } from "../volumes/mounter.ts";

export const nodeName = "n1";
export const nodeIp = "192.0.2.1";

/** The options' defaults, as if no flag had been given. */
export function defaultConfig(overrides: Partial<KubeletConfig> = {}): KubeletConfig {
  const defaults = Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default]));
  return { ...(defaults as KubeletConfig), ...overrides };
}

export interface Harness {
  readonly api: FakeApi;
  readonly cri: FakeCri;
  readonly clock: FakeClock;
  readonly kubelet: Kubelet;
  readonly rootDir: string;
  pod(name: string): Pod | undefined;
  /** Messages of the events about an object, as `Reason: message`. */
  events(name: string): string[];
  create(...objects: KubeObject[]): Promise<void>;
  /** Lets time and work go on until `condition` holds; fails after `limitMs` of the clock's time. */
  until(what: string, condition: () => unknown, limitMs?: number): Promise<void>;
  /** Ends the kubelet, as SIGTERM does; what it runs goes on. */
  stop(): Promise<void>;
  /** Ends the kubelet and removes its files. */
  close(): Promise<void>;
}

export interface HarnessOptions extends Omit<FakeCriOptions, "clock"> {
  readonly config?: Partial<KubeletConfig>;
  /** Takes over from a harness that was stopped: the same API, runtime and disk. */
  readonly after?: Harness;
}

/** A whole kubelet on a fake API, a fake runtime and a fake clock; its files are real. */
export async function startHarness({ config = {}, after, ...criOptions }: HarnessOptions = {}): Promise<Harness> {
  const clock = after?.clock ?? new FakeClock();
  const rootDir = after?.rootDir ?? (await mkdtemp(join(tmpdir(), "tskube-kubelet-")));
  const api = after?.api ?? new FakeApi({ clock });
  const cri = after?.cri ?? createFakeCri({ clock, ...criOptions });
  const stop = new AbortController();
  const client = api.client();
  const events = startEventRecorder({
    client,
    source: { component: "kubelet", host: nodeName },
    clock,
    logger: silentLogger,
  });
  const starting = startKubelet(
    defaultConfig({
      rootDir,
      podLogsDir: join(rootDir, "logs"),
      nodeIp: [nodeIp],
      resolvConf: "/dev/null",
      clusterDns: ["10.96.0.10"],
      ...config,
    }),
    {
      client,
      runtime: cri.runtime,
      images: cri.images,
      events,
      mounter: unprivilegedMounter,
      machine: machine(),
      nodeName,
      clock,
      logger: silentLogger,
    },
    stop.signal,
  );
  const kubelet = await starting;
  const harness: Harness = {
    api,
    cri,
    clock,
    kubelet,
    rootDir,
    pod: (name) => api.get(kinds.Pod, `default/${name}`),
    events: (name) =>
      api
        .list(kinds.Event)
        .filter(({ involvedObject }) => involvedObject.name === name)
        .map(({ reason, message }) => `${reason}: ${message}`),
    async create(...objects) {
      for (const object of objects) {
        const info = Object.values(kinds).find(({ kind }) => kind === object.kind);
        if (!info) throw new Error(`no such kind: ${object.kind}`);
        await client.resource(info, object.metadata.namespace).create(object as never);
      }
    },
    async until(what, condition, limitMs = 5000) {
      const deadline = clock.now() + limitMs;
      for (let idle = 0; !condition(); ) {
        // Files and promises need real turns; time moves only when nothing has come of them.
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (condition()) return;
        if (++idle < 5) continue;
        if (clock.now() >= deadline) throw new Error(`timed out waiting: ${what}`);
        await clock.advance(100);
        idle = 0;
      }
    },
    async stop() {
      stop.abort();
      await kubelet.done;
      events.close();
    },
    async close() {
      await harness.stop();
      await rm(rootDir, { recursive: true, force: true });
    },
  };
  return harness;
}

function machine() {
  return {
    cpus: 2,
    memoryBytes: 4 * 1024 ** 3,
    machineId: "machine",
    systemUuid: "system",
    bootId: "boot",
    kernelVersion: "6.1.0",
    osImage: "Linux",
    architecture: "amd64",
    maxPids: 32768,
  };
}

/** A pod on the harness's node; `spec` shows what matters to the test. */
export function aPod(name: string, spec: Partial<Pod["spec"]> = {}, metadata: Partial<Pod["metadata"]> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", ...metadata },
    spec: { nodeName, restartPolicy: "Always", containers: [{ name: "main", image: "app:1" }], ...spec },
  };
}

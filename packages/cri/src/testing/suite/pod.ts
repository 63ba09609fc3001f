import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  ContainerConfig,
  ContainerState,
  type ContainerStatus,
  type DeepPartial,
  NamespaceMode,
  PodSandboxConfig,
} from "../../types.ts";
import type { RuntimeUnderTest } from "./describe-runtime.ts";
import { type SuitePrograms, suitePrograms } from "./programs.ts";

let counter = 0;

/** A pod of the suite: its sandbox, and what tests do with it. */
export interface SuitePod {
  readonly sandboxId: string;
  readonly config: PodSandboxConfig;
  /** Creates a container that would run `program`; further attempts of one name get higher numbers. */
  create(program: SuitePrograms, config?: DeepPartial<ContainerConfig>): Promise<string>;
  start(program: SuitePrograms, config?: DeepPartial<ContainerConfig>): Promise<string>;
  status(containerId: string): Promise<ContainerStatus>;
  /** Waits until it has exited. */
  exited(containerId: string): Promise<ContainerStatus>;
  log(containerId: string): Promise<string>;
  remove(): Promise<void>;
}

/** Runs a sandbox, hands it to `work` and removes it however that ends. */
export async function withPod(under: RuntimeUnderTest, work: (pod: SuitePod) => Promise<void>): Promise<void> {
  const pod = await startPod(under);
  try {
    await work(pod);
  } finally {
    await pod.remove();
  }
}

const namespaceOptions = { network: NamespaceMode.POD, pid: NamespaceMode.CONTAINER, ipc: NamespaceMode.POD };

export async function startPod(
  { client, image, logRoot }: RuntimeUnderTest,
  overrides: DeepPartial<PodSandboxConfig> = {},
): Promise<SuitePod> {
  const { runtime } = client;
  const name = `suite-${process.pid}-${counter++}`;
  const logDirectory = join(logRoot, name);
  await mkdir(logDirectory, { recursive: true });
  const config = PodSandboxConfig.fromPartial({
    metadata: { name, namespace: "suite", uid: `uid-${name}`, attempt: 0 },
    hostname: name,
    logDirectory,
    labels: { suite: name },
    linux: { cgroupParent: `/tskube-suite/${name}`, securityContext: { namespaceOptions } },
    ...overrides,
  });
  const sandboxId = await runtime.runPodSandbox(config);
  let attempt = 0;

  const pod: SuitePod = {
    sandboxId,
    config,
    async create(program, override = {}) {
      const number = attempt++;
      const container = ContainerConfig.fromPartial({
        metadata: { name: "main", attempt: number },
        image: { image },
        command: [...suitePrograms[program]],
        logPath: `main/${number}.log`,
        labels: { suite: name },
        linux: { securityContext: { namespaceOptions } },
        ...override,
      });
      return runtime.createContainer(sandboxId, container, config);
    },
    async start(program, override) {
      const id = await pod.create(program, override);
      await runtime.startContainer(id);
      return id;
    },
    async status(containerId) {
      const { status } = await runtime.containerStatus(containerId);
      if (!status) throw new Error("the runtime answered without a status");
      return status;
    },
    exited: (containerId) =>
      eventually(async () => {
        const status = await pod.status(containerId);
        return status.state === ContainerState.CONTAINER_EXITED ? status : undefined;
      }),
    async log(containerId) {
      return readFile((await pod.status(containerId)).logPath, "utf8");
    },
    remove: () => runtime.removePodSandbox(sandboxId),
  };
  return pod;
}

/** Asks again until there is an answer; gives up after some seconds. */
export async function eventually<T>(ask: () => Promise<T | undefined>, timeoutMs = 10_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

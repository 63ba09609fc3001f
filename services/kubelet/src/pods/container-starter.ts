import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Pod } from "@tskube/api";
import { type Clock, errorMessage, type Logger } from "@tskube/base";
import type { ContainerConfig, PodSandboxConfig, RuntimeService } from "@tskube/cri";
import { buildEnvironment, type EnvironmentObjects } from "../env/environment.ts";
import type { PodAddresses } from "../env/field.ts";
import type { Allocatable } from "../env/resource-field.ts";
import type { Paths } from "../node/paths.ts";
import { containerConfig } from "../runtime/container-config.ts";
import { latestContainer, type RuntimePod } from "../runtime/model.ts";
import { containerResources, type ResourceOptions } from "../runtime/resources.ts";
import { runtimeMessage } from "../runtime/rpc-error.ts";
import { nonRootProblem } from "../runtime/security-context.ts";
import type { StartFailure } from "../status/container-status.ts";
import { containerMounts } from "../volumes/container-mounts.ts";
import type { Mounter } from "../volumes/mounter.ts";
import type { MountedVolume } from "../volumes/volume-manager.ts";
import type { PodContainer } from "./containers.ts";
import type { PodEvents } from "./events.ts";
import type { HookRunner } from "./hooks.ts";
import { formatPod, identityOf } from "./identity.ts";
import { type ImagePuller, isFailure, type ReadyImage } from "./image-puller.ts";
import type { Killer } from "./killer.ts";

export interface StarterDeps {
  readonly runtime: RuntimeService;
  readonly puller: ImagePuller;
  readonly killer: Killer;
  readonly hooks: HookRunner;
  readonly events: PodEvents;
  readonly objects: EnvironmentObjects;
  readonly paths: Paths;
  readonly mounter: Mounter;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly resources: () => ResourceOptions;
  readonly allocatable: () => Allocatable;
  readonly serviceVariables: (pod: Pod) => ReadonlyMap<string, string>;
}

export interface StartInputs {
  readonly pod: Pod;
  readonly container: PodContainer;
  readonly runtimePod: RuntimePod;
  readonly sandboxId: string;
  readonly sandbox: PodSandboxConfig;
  readonly addresses: PodAddresses;
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  readonly hostsFile: string | undefined;
  /** For an ephemeral container: the container whose processes it is to see. */
  readonly targetId?: string | undefined;
  readonly signal: AbortSignal;
}

/** Brings one container from its image to running, its postStart hook included. */
export class ContainerStarter {
  readonly #deps: StarterDeps;

  constructor(deps: StarterDeps) {
    this.#deps = deps;
  }

  /** Returns why the container could not be started, or undefined when it runs. */
  async start(inputs: StartInputs): Promise<StartFailure | undefined> {
    const { pod, container, sandbox, signal } = inputs;
    const image = await this.#deps.puller.ensure(pod, container, sandbox, signal);
    if (isFailure(image)) {
      this.#failed(inputs, image.reason);
      return image;
    }
    const created = await this.#create(inputs, image);
    if (typeof created !== "string") {
      this.#failed(inputs, created.message);
      return created;
    }
    this.#say(inputs, "Created", `Created container: ${container.container.name}`);
    try {
      await this.#deps.runtime.startContainer(created);
    } catch (error) {
      this.#failed(inputs, runtimeMessage(error));
      return { reason: "RunContainerError", message: runtimeMessage(error) };
    }
    this.#say(inputs, "Started", `Started container ${container.container.name}`);
    return this.#postStart(inputs, created);
  }

  async #create(inputs: StartInputs, image: ReadyImage): Promise<string | StartFailure> {
    let config: ContainerConfig;
    try {
      config = await this.#configure(inputs, image);
    } catch (error) {
      return { reason: "CreateContainerConfigError", message: runtimeMessage(error) };
    }
    try {
      return await this.#deps.runtime.createContainer(inputs.sandboxId, config, inputs.sandbox);
    } catch (error) {
      return { reason: "CreateContainerError", message: runtimeMessage(error) };
    }
  }

  async #configure(inputs: StartInputs, image: ReadyImage): Promise<ContainerConfig> {
    const { pod, addresses, volumes, hostsFile } = inputs;
    const { container } = inputs.container;
    const { objects, paths, mounter, allocatable, serviceVariables, resources } = this.#deps;
    const problem = nonRootProblem(pod, container, image.image);
    if (problem) throw new Error(problem);
    const restartCount = await this.#nextRestartCount(inputs);
    const services = serviceVariables(pod);
    const environment = await buildEnvironment({
      pod,
      container,
      services,
      objects,
      addresses,
      allocatable: allocatable(),
    });
    const mounts = await containerMounts({
      pod,
      container,
      volumes,
      environment,
      paths,
      mounter,
      hostsFile,
      instance: String(restartCount),
    });
    const logPath = paths.containerLog(container.name, restartCount);
    await mkdir(join(paths.podLogsDir(identityOf(pod)), container.name), { recursive: true, mode: 0o755 });
    return containerConfig({
      pod,
      container,
      restartCount,
      imageRef: image.ref,
      environment,
      mounts,
      resources: containerResources(pod, container, resources()),
      logPath,
      targetId: inputs.targetId,
    });
  }

  /** One more than before. When the runtime has forgotten all earlier instances, their logs still tell how many there were. */
  async #nextRestartCount({ pod, container, runtimePod }: StartInputs): Promise<number> {
    const { name } = container.container;
    const latest = latestContainer(runtimePod, name);
    if (latest) return latest.restartCount + 1;
    const dir = join(this.#deps.paths.podLogsDir(identityOf(pod)), name);
    const logs = await readdir(dir).catch(() => []);
    const counts = logs.flatMap((file) => (/^\d+\.log/.test(file) ? [Number.parseInt(file, 10)] : []));
    return counts.length === 0 ? 0 : Math.max(...counts) + 1;
  }

  async #postStart(inputs: StartInputs, id: string): Promise<StartFailure | undefined> {
    const { pod, container, signal } = inputs;
    const handler = container.container.lifecycle?.postStart;
    if (!handler) return undefined;
    try {
      await this.#deps.hooks(pod, container.container, id, handler, signal);
      return undefined;
    } catch (error) {
      const message = errorMessage(error);
      this.#deps.logger.info(
        { pod: formatPod(identityOf(pod)), container: container.container.name, error: message },
        "postStart hook failed",
      );
      this.#deps.events.container(pod, container, "Warning", "FailedPostStartHook", message);
      if (!signal.aborted)
        await this.#deps.killer.killContainer(pod, container.container, id, { message: "FailedPostStartHook" });
      return { reason: "PostStartHookError", message };
    }
  }

  #say({ pod, container }: StartInputs, reason: string, message: string): void {
    this.#deps.events.container(pod, container, "Normal", reason, message);
  }

  #failed({ pod, container, signal }: StartInputs, message: string): void {
    if (!signal.aborted) this.#deps.events.container(pod, container, "Warning", "Failed", `Error: ${message}`);
  }
}

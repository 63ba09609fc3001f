import type { Pod, Secret } from "@tskube/api";
import { formatDuration } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import { type Image, type ImageService, ImageSpec, type PodSandboxConfig, parseImageRef } from "@tskube/cri";
import type { EnvironmentObjects } from "../env/environment.ts";
import { runtimeMessage } from "../runtime/rpc-error.ts";
import type { StartFailure } from "../status/container-status.ts";
import type { BackOff } from "./back-off.ts";
import type { PodContainer } from "./containers.ts";
import type { PodEvents } from "./events.ts";
import type { Gate } from "./gate.ts";
import { namespaceOf, uidOf } from "./identity.ts";
import { authsFor, pullSecretNames } from "./image-auth.ts";

export interface ReadyImage {
  /** By which a container is created. */
  readonly ref: string;
  readonly image: Image | undefined;
}

export interface ImagePullerDeps {
  readonly images: ImageService;
  readonly secrets: Pick<EnvironmentObjects, "secret">;
  readonly events: PodEvents;
  readonly backOff: BackOff;
  readonly clock: Clock;
  /** Bounds how many pulls run at once. */
  readonly gate: Gate;
}

type Pulled = { readonly ref: string; readonly tookMs: number };

/** Has images on the node by the time containers are created from them, as their pull policy asks. */
export class ImagePuller {
  readonly #deps: ImagePullerDeps;
  /** Pods that want the same image at the same time share one pull. */
  readonly #running = new Map<string, Promise<Pulled>>();
  readonly #lastErrors = new Map<string, string>();

  constructor(deps: ImagePullerDeps) {
    this.#deps = deps;
  }

  async ensure(
    pod: Pod,
    container: PodContainer,
    sandbox: PodSandboxConfig,
    signal: AbortSignal,
  ): Promise<ReadyImage | StartFailure> {
    const name = container.container.image ?? "";
    const say = (type: "Normal" | "Warning", reason: string, message: string) =>
      this.#deps.events.container(pod, container, type, reason, message);
    try {
      parseImageRef(name);
    } catch (error) {
      const message = `Failed to apply default image tag ${JSON.stringify(name)}: couldn't parse image name ${JSON.stringify(name)}: ${runtimeMessage(error)}`;
      say("Warning", "InspectFailed", message);
      return { reason: "InvalidImageName", message };
    }
    let present: Image | undefined;
    try {
      present = (await this.#deps.images.imageStatus(ImageSpec.fromPartial({ image: name }), { signal })).image;
    } catch (error) {
      const message = `Failed to inspect image ${JSON.stringify(name)}: ${runtimeMessage(error)}`;
      say("Warning", "InspectFailed", message);
      return { reason: "ImageInspectError", message };
    }
    const policy = pullPolicy(container);
    if (policy !== "Always" && present) {
      say("Normal", "Pulled", `Container image ${JSON.stringify(name)} already present on machine`);
      return { ref: present.id, image: present };
    }
    if (policy === "Never") {
      const message = `Container image ${JSON.stringify(name)} is not present with pull policy of Never`;
      say("Warning", "ErrImageNeverPull", message);
      return { reason: "ErrImageNeverPull", message };
    }
    return this.#pull(pod, name, sandbox, signal, say);
  }

  async #pull(
    pod: Pod,
    name: string,
    sandbox: PodSandboxConfig,
    signal: AbortSignal,
    say: (type: "Normal" | "Warning", reason: string, message: string) => void,
  ): Promise<ReadyImage | StartFailure> {
    const { backOff, clock, images } = this.#deps;
    const key = `${uidOf(pod)}_${name}`;
    const quoted = JSON.stringify(name);
    if (backOff.remainingMs(key, this.#failedAt.get(key) ?? 0) > 0) {
      say("Normal", "BackOff", `Back-off pulling image ${quoted}`);
      const last = this.#lastErrors.get(key);
      return {
        reason: "ImagePullBackOff",
        message: `Back-off pulling image ${quoted}${last ? `: ErrImagePull: ${last}` : ""}`,
      };
    }
    say("Normal", "Pulling", `Pulling image ${quoted}`);
    const startedAt = clock.monotonic();
    try {
      const { ref, tookMs } = await this.#pullOnce(pod, name, sandbox, signal);
      const { image } = await images.imageStatus(ImageSpec.fromPartial({ image: ref }), { signal });
      const [took, withWaiting] = [duration(tookMs), duration(clock.monotonic() - startedAt)];
      say(
        "Normal",
        "Pulled",
        `Successfully pulled image ${quoted} in ${took} (${withWaiting} including waiting). Image size: ${image?.size ?? 0} bytes.`,
      );
      this.#forgetFailure(key);
      return { ref, image };
    } catch (error) {
      const message = runtimeMessage(error);
      if (signal.aborted) return { reason: "ErrImagePull", message };
      say("Warning", "Failed", `Failed to pull image ${quoted}: ${message}`);
      this.#lastErrors.set(key, message);
      this.#failedAt.set(key, clock.now());
      backOff.next(key, clock.now());
      return { reason: "ErrImagePull", message };
    }
  }

  readonly #failedAt = new Map<string, number>();

  /** Drops what is remembered of a pod's failed pulls. */
  forget(uid: string): void {
    for (const key of this.#failedAt.keys()) if (key.startsWith(`${uid}_`)) this.#forgetFailure(key);
  }

  #forgetFailure(key: string): void {
    this.#failedAt.delete(key);
    this.#lastErrors.delete(key);
    this.#deps.backOff.forget(key);
  }

  async #pullOnce(pod: Pod, name: string, sandbox: PodSandboxConfig, signal: AbortSignal): Promise<Pulled> {
    const secretNames = pullSecretNames(pod);
    // A pull with a pod's own credentials is that pod's alone.
    if (secretNames.length > 0) return this.#pullWith(pod, secretNames, name, sandbox, signal);
    const running = this.#running.get(name);
    if (running) return running;
    const pull = this.#pullWith(pod, [], name, sandbox, signal).finally(() => this.#running.delete(name));
    this.#running.set(name, pull);
    return pull;
  }

  async #pullWith(
    pod: Pod,
    secretNames: readonly string[],
    name: string,
    sandbox: PodSandboxConfig,
    signal: AbortSignal,
  ): Promise<Pulled> {
    const { clock, gate, images, secrets } = this.#deps;
    const found = await Promise.all(secretNames.map((secretName) => secrets.secret(namespaceOf(pod), secretName)));
    const auths = authsFor(
      name,
      found.filter((secret): secret is Secret => secret !== undefined),
    );
    return gate.run(async () => {
      const startedAt = clock.monotonic();
      const errors: string[] = [];
      for (const auth of auths.length > 0 ? auths : [undefined]) {
        try {
          const spec = ImageSpec.fromPartial({ image: name });
          const ref = await images.pullImage(spec, auth, sandbox, { signal });
          return { ref, tookMs: clock.monotonic() - startedAt };
        } catch (error) {
          errors.push(runtimeMessage(error));
        }
      }
      throw new Error(errors.length === 1 ? errors[0] : `[${errors.join(", ")}]`);
    }, signal);
  }
}

function duration(ms: number): string {
  return formatDuration(Math.round(ms));
}

/** Set by the API server; static pods have not met it. */
export function pullPolicy({ container }: PodContainer): "Always" | "IfNotPresent" | "Never" {
  if (container.imagePullPolicy === "Always" || container.imagePullPolicy === "Never") return container.imagePullPolicy;
  if (container.imagePullPolicy) return "IfNotPresent";
  const { tag, digest } = parseImageRef(container.image ?? "");
  return digest === undefined && tag === "latest" ? "Always" : "IfNotPresent";
}

export function isFailure(result: ReadyImage | StartFailure): result is StartFailure {
  return "reason" in result;
}

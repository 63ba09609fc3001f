import { rm } from "node:fs/promises";
import type { Pod, Volume } from "@tskube/api";
import { type Clock, errorMessage } from "@tskube/base";
import type { EnvironmentObjects } from "../env/environment.ts";
import type { PodAddresses } from "../env/field.ts";
import type { Allocatable } from "../env/resource-field.ts";
import type { Paths } from "../node/paths.ts";
import { findContainer } from "../pods/containers.ts";
import { uidOf } from "../pods/identity.ts";
import type { Mounter } from "./mounter.ts";
import { pluginDirName, type TokenSource, type VolumePlugin } from "./plugin.ts";

/** A volume that is ready to be mounted into containers. */
export interface MountedVolume {
  readonly path: string;
  readonly isReadOnly: boolean;
}

export interface VolumeManagerDeps {
  readonly plugins: readonly VolumePlugin[];
  readonly paths: Paths;
  readonly mounter: Mounter;
  readonly objects: EnvironmentObjects;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly allocatable: () => Allocatable;
}

/** One or more volumes of a pod are not ready. `failures` has what users read of each. */
export class VolumeSetUpError extends Error {
  readonly failures: readonly string[];

  constructor(failures: readonly string[]) {
    super(failures.join("; "));
    this.name = "VolumeSetUpError";
    this.failures = failures;
  }
}

interface PodVolumes {
  readonly mounted: Map<string, MountedVolume>;
  /** Which state of the pod's objects the volumes that follow the API show. */
  freshness: number;
  refreshedAtMs: number;
}

export class VolumeManager {
  readonly #deps: VolumeManagerDeps;
  readonly #pods = new Map<string, PodVolumes>();
  /** Counts changes of what a pod's volumes are made from. */
  readonly #changes = new Map<string, number>();

  constructor(deps: VolumeManagerDeps) {
    this.#deps = deps;
  }

  /** Notes that an object which a pod refers to has changed: the next set-up writes its files anew. */
  markChanged(uid: string): void {
    this.#changes.set(uid, (this.#changes.get(uid) ?? 0) + 1);
  }

  /** When `setUp` should run again so that tokens are renewed in time. */
  refreshDue(uid: string, intervalMs: number): boolean {
    const pod = this.#pods.get(uid);
    return pod !== undefined && this.#deps.clock.now() - pod.refreshedAtMs >= intervalMs;
  }

  /**
   * Makes all volumes of a pod ready, by volume name. Repeated calls only do what is missing or has changed, so that every round of a pod
   * may call it. Throws a VolumeSetUpError when some are not ready; the others stay.
   */
  async setUp(
    pod: Pod,
    addresses: PodAddresses,
    options: { readonly refreshMs: number },
  ): Promise<ReadonlyMap<string, MountedVolume>> {
    const uid = uidOf(pod);
    const known = this.#pods.get(uid) ?? { mounted: new Map(), freshness: -1, refreshedAtMs: 0 };
    this.#pods.set(uid, known);
    const freshness = this.#changes.get(uid) ?? 0;
    const nowMs = this.#deps.clock.now();
    const mustRefresh = known.freshness !== freshness || nowMs - known.refreshedAtMs >= options.refreshMs;
    const failures: string[] = [];
    await Promise.all(
      (pod.spec.volumes ?? []).map(async (volume) => {
        const plugin = this.#deps.plugins.find((each) => each.supports(volume));
        if (known.mounted.has(volume.name) && !(plugin?.followsApi && mustRefresh)) return;
        try {
          if (!plugin) throw new Error(`no volume plugin matched name: ${sourceName(volume)}`);
          const path = await plugin.setUp(this.#context(pod, volume, plugin, addresses));
          known.mounted.set(volume.name, { path, isReadOnly: plugin.isReadOnly?.(volume) ?? false });
        } catch (error) {
          failures.push(`MountVolume.SetUp failed for volume ${JSON.stringify(volume.name)} : ${errorMessage(error)}`);
        }
      }),
    );
    if (failures.length > 0) throw new VolumeSetUpError(failures);
    known.freshness = freshness;
    if (mustRefresh) known.refreshedAtMs = nowMs;
    return known.mounted;
  }

  /** Takes a pod's volumes down and deletes what it left. hostPath and the like stay, for they are not the pod's. */
  async tearDown(uid: string): Promise<void> {
    const { mounter, paths } = this.#deps;
    await mounter.unmountTree(paths.podDir(uid));
    await rm(paths.podDir(uid), { recursive: true, force: true });
    this.#pods.delete(uid);
    this.#changes.delete(uid);
  }

  #context(pod: Pod, volume: Volume, plugin: VolumePlugin, addresses: PodAddresses) {
    const { mounter, objects, paths, tokens, allocatable } = this.#deps;
    return {
      pod,
      volume,
      dir: paths.volumeDir(uidOf(pod), pluginDirName(plugin), volume.name),
      objects,
      tokens,
      mounter,
      addresses,
      allocatable: allocatable(),
      container: (name: string | undefined) => (name ? findContainer(pod, name)?.container : pod.spec.containers[0]),
    };
  }
}

function sourceName(volume: Volume): string {
  return Object.keys(volume).find((key) => key !== "name") ?? "";
}

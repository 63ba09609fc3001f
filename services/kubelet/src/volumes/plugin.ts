import type { Container, Pod, Volume } from "@tskube/api";
import type { EnvironmentObjects } from "../env/environment.ts";
import type { PodAddresses } from "../env/field.ts";
import type { Allocatable } from "../env/resource-field.ts";
import type { Mounter } from "./mounter.ts";

/** Gives out tokens of a pod's service account and renews them before they end. */
export interface TokenSource {
  token(pod: Pod, audience: string | undefined, expirationSeconds: number | undefined): Promise<string>;
}

export interface VolumeContext {
  readonly pod: Pod;
  readonly volume: Volume;
  /** The volume's own directory; the plugin makes it. */
  readonly dir: string;
  readonly objects: EnvironmentObjects;
  readonly tokens: TokenSource;
  readonly mounter: Mounter;
  readonly addresses: PodAddresses;
  readonly allocatable: Allocatable;
  /** Finds a container of the pod, for `resourceFieldRef`. */
  container(name: string | undefined): Container | undefined;
}

/** One kind of volume. Setting up twice changes nothing; failures carry the words that users read in the FailedMount event. */
export interface VolumePlugin {
  /** As in upstream's directory names and messages: `kubernetes.io/empty-dir`. */
  readonly name: string;
  supports(volume: Volume): boolean;
  /** Makes the volume ready and returns the path on the node to mount into containers. */
  setUp(context: VolumeContext): Promise<string>;
  /** The content follows objects of the API: set-up is repeated when they change and from time to time. */
  readonly followsApi: boolean;
  /** Containers may not write, whatever their mount says. */
  readonly isReadOnly?: (volume: Volume) => boolean;
}

/** The name as part of a path. */
export function pluginDirName(plugin: Pick<VolumePlugin, "name">): string {
  return plugin.name.replace("/", "~");
}

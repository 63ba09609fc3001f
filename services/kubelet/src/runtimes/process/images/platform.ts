import { CriError } from "@tskube/cri";

/** One manifest of an index. */
export interface Descriptor {
  readonly mediaType?: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os?: string; readonly architecture?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Index {
  readonly manifests: readonly Descriptor[];
}

export interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** Node's names of architectures and those of images, where they differ. */
const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

export const imageArchitecture = (arch: string = process.arch): string => architectures[arch] ?? arch;

/** The manifest for this machine; one that names no platform fits any. */
export function forThisPlatform({ manifests }: Index, architecture = imageArchitecture()): Descriptor {
  const fits = ({ platform }: Descriptor) =>
    !platform || (platform.os === "linux" && platform.architecture === architecture);
  const found = manifests.find(fits);
  if (!found) throw new CriError("NOT_FOUND", `no match for platform in manifest: linux/${architecture}`);
  return found;
}

export const isIndex = (value: Index | Manifest): value is Index =>
  "manifests" in value && Array.isArray(value.manifests);

/** What an image says about how it is run: the parts of the OCI image configuration that a runtime reads. */
export interface ImageConfig {
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly StopSignal?: string;
}

/** An image that containers can be made from. */
export interface StoredImage {
  /** Digest of its configuration. */
  readonly id: string;
  /** Full names with tags. */
  readonly tags: readonly string[];
  /** Full names with digests of manifests. */
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  readonly config: ImageConfig;
  /** Directories of its unpacked layers, topmost first. */
  readonly layers: readonly string[];
  /** Never removed, by no one. */
  readonly pinned: boolean;
}

import { chmod, chown, mkdir } from "node:fs/promises";
import type { Volume } from "@tskube/api";
import type { Clock } from "@tskube/base";
import { type Payload, writePayload } from "./atomic-writer.ts";
import { configMapFiles, defaultFileMode, downwardFiles, projectedFiles, secretFiles } from "./payloads.ts";
import type { VolumeContext, VolumePlugin } from "./plugin.ts";

interface DataVolume {
  readonly name: string;
  supports(volume: Volume): boolean;
  /** Secrets never reach the disk. */
  readonly inMemory: boolean;
  payload(context: VolumeContext): Promise<Payload> | Payload;
}

const dataVolumes: readonly DataVolume[] = [
  {
    name: "kubernetes.io/configmap",
    supports: ({ configMap }) => configMap !== undefined,
    inMemory: false,
    payload: (context) => {
      const source = context.volume.configMap ?? {};
      return configMapFiles(context, source, source.defaultMode ?? defaultFileMode);
    },
  },
  {
    name: "kubernetes.io/secret",
    supports: ({ secret }) => secret !== undefined,
    inMemory: true,
    payload: (context) => {
      const { secretName, ...source } = context.volume.secret ?? {};
      return secretFiles(context, { ...source, name: secretName }, source.defaultMode ?? defaultFileMode);
    },
  },
  {
    name: "kubernetes.io/downward-api",
    supports: ({ downwardAPI }) => downwardAPI !== undefined,
    inMemory: true,
    payload: (context) => {
      const { items = [], defaultMode = defaultFileMode } = context.volume.downwardAPI ?? {};
      return downwardFiles(context, items, defaultMode);
    },
  },
  {
    name: "kubernetes.io/projected",
    supports: ({ projected }) => projected !== undefined,
    inMemory: true,
    payload: (context) => projectedFiles(context, context.volume.projected ?? { sources: [] }),
  },
];

/** Volumes whose files come from the API. */
export function createDataPlugins(clock: Clock): VolumePlugin[] {
  return dataVolumes.map((kind) => ({
    name: kind.name,
    supports: kind.supports,
    followsApi: true,
    isReadOnly: () => true,
    async setUp(context) {
      const payload = await kind.payload(context); // before anything is made: a missing object leaves no trace
      await mkdir(context.dir, { recursive: true, mode: 0o755 });
      if (kind.inMemory) await context.mounter.mountTmpfs(context.dir, { mode: 0o777 });
      const gid = context.pod.spec.securityContext?.fsGroup;
      await chmod(context.dir, gid === undefined ? 0o1777 : 0o3777);
      if (gid !== undefined) await chown(context.dir, process.getuid?.() ?? 0, gid);
      await writePayload(context.dir, withGroupAccess(payload, gid), { nowMs: clock.now(), gid });
      return context.dir;
    },
  }));
}

/** With an fsGroup every file is readable by the group too. */
function withGroupAccess(payload: Payload, gid: number | undefined): Payload {
  if (gid === undefined) return payload;
  return new Map(Array.from(payload, ([path, file]) => [path, { ...file, mode: file.mode | 0o440 }]));
}

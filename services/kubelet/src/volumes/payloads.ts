import type {
  ConfigMap,
  ConfigMapProjection,
  DownwardAPIVolumeFile,
  KeyToPath,
  Pod,
  ProjectedVolumeSource,
  Secret,
  SecretProjection,
  ServiceAccountTokenProjection,
} from "@tskube/api";
import { fieldValue } from "../env/field.ts";
import { resourceFieldValue } from "../env/resource-field.ts";
import type { Payload, PayloadFile } from "./atomic-writer.ts";
import type { VolumeContext } from "./plugin.ts";

export const defaultFileMode = 0o644;

/** What a file's content and mode come from, before the volume's default mode is applied. */
type Files = Map<string, PayloadFile>;

interface Projection {
  readonly items?: readonly KeyToPath[] | undefined;
  readonly optional?: boolean | undefined;
}

export async function configMapFiles(
  context: VolumeContext,
  source: ConfigMapProjection,
  defaultMode: number,
): Promise<Files> {
  const namespace = context.pod.metadata.namespace ?? "";
  const name = source.name ?? "";
  const found = await context.objects.configMap(namespace, name);
  if (!found && !source.optional) throw new Error(`configmap ${JSON.stringify(name)} not found`);
  return keyedFiles(found ? configMapData(found) : new Map(), source, defaultMode, "configmap");
}

export async function secretFiles(
  context: VolumeContext,
  source: SecretProjection,
  defaultMode: number,
): Promise<Files> {
  const namespace = context.pod.metadata.namespace ?? "";
  const name = source.name ?? "";
  const found = await context.objects.secret(namespace, name);
  if (!found && !source.optional) throw new Error(`secret ${JSON.stringify(name)} not found`);
  return keyedFiles(found ? secretData(found) : new Map(), source, defaultMode, "secret");
}

function configMapData({ data, binaryData }: ConfigMap): Map<string, Buffer> {
  return new Map([
    ...Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value)] as const),
    ...Object.entries(binaryData ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64")] as const),
  ]);
}

function secretData({ data }: Secret): Map<string, Buffer> {
  return new Map(Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64")]));
}

/** All keys under their own names, or just the listed ones at their paths. */
function keyedFiles(
  data: ReadonlyMap<string, Buffer>,
  { items, optional }: Projection,
  mode: number,
  what: string,
): Files {
  if (!items?.length) return new Map(Array.from(data, ([key, content]) => [key, { data: content, mode }]));
  const files: Files = new Map();
  for (const item of items) {
    const content = data.get(item.key);
    if (content) files.set(item.path, { data: content, mode: item.mode ?? mode });
    else if (!optional)
      throw new Error(`${what} references non-existent ${what === "secret" ? "secret" : "config"} key: ${item.key}`);
  }
  return files;
}

export function downwardFiles(
  context: VolumeContext,
  items: readonly DownwardAPIVolumeFile[],
  defaultMode: number,
): Files {
  const files: Files = new Map();
  for (const item of items) {
    files.set(item.path, { data: Buffer.from(downwardValue(context, item)), mode: item.mode ?? defaultMode });
  }
  return files;
}

function downwardValue(context: VolumeContext, { fieldRef, resourceFieldRef }: DownwardAPIVolumeFile): string {
  if (fieldRef) return fieldValue(context.pod, fieldRef.fieldPath, context.addresses);
  const container = context.container(resourceFieldRef?.containerName);
  if (!resourceFieldRef || !container) throw new Error(`container ${resourceFieldRef?.containerName ?? ""} not found`);
  return resourceFieldValue(resourceFieldRef, container, context.allocatable);
}

async function tokenFile(
  context: VolumeContext,
  source: ServiceAccountTokenProjection,
  defaultMode: number,
): Promise<PayloadFile> {
  const { pod } = context;
  const token = await context.tokens.token(pod, source.audience, source.expirationSeconds);
  const uid = soleUser(pod);
  const hasGroup = pod.spec.securityContext?.fsGroup !== undefined;
  // A token is for the pod's user alone where there is just one; otherwise every user of the pod must be able to read it.
  const mode = hasGroup || uid !== undefined ? 0o600 : defaultMode;
  return { data: Buffer.from(token), mode, ...(uid !== undefined && { uid }) };
}

/** The user that all containers of the pod run as, if they name the same one. */
function soleUser(pod: Pod): number | undefined {
  const ofPod = pod.spec.securityContext?.runAsUser;
  const users = new Set(
    [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(
      (container) => container.securityContext?.runAsUser ?? ofPod,
    ),
  );
  return users.size === 1 ? [...users][0] : undefined;
}

export async function projectedFiles(context: VolumeContext, source: ProjectedVolumeSource): Promise<Payload> {
  const mode = source.defaultMode ?? defaultFileMode;
  const files: Files = new Map();
  const add = (more: Files) => more.forEach((file, path) => void files.set(path, file));
  for (const { configMap, secret, downwardAPI, serviceAccountToken } of source.sources ?? []) {
    if (configMap) add(await configMapFiles(context, configMap, mode));
    if (secret) add(await secretFiles(context, secret, mode));
    if (downwardAPI) add(downwardFiles(context, downwardAPI.items ?? [], mode));
    if (serviceAccountToken) files.set(serviceAccountToken.path, await tokenFile(context, serviceAccountToken, mode));
  }
  return files;
}

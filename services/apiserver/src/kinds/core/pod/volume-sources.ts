import type { VolumeSource } from "@tskube/api";
import { type FieldError, field, inclusiveRangeError, type Path } from "@tskube/apimachinery";
import { optionalOneOf } from "../../field-rules.ts";
import { validateClaimSpec } from "../../storage/validate-claim.ts";
import { validateLocalPath, validateNoBacksteps } from "./local-paths.ts";
import { validateDownwardFiles, validateKeyItems, validateMode, validateProjections } from "./volume-files.ts";

/** What a source of each kind cannot do without. */
const requiredFields: Readonly<Record<string, readonly string[]>> = {
  awsElasticBlockStore: ["volumeID"],
  azureDisk: ["diskName", "diskURI"],
  azureFile: ["secretName", "shareName"],
  cephfs: ["monitors"],
  cinder: ["volumeID"],
  configMap: ["name"],
  csi: ["driver"],
  ephemeral: ["volumeClaimTemplate"],
  flexVolume: ["driver"],
  gcePersistentDisk: ["pdName"],
  gitRepo: ["repository"],
  glusterfs: ["endpoints", "path"],
  hostPath: ["path"],
  image: ["reference"],
  iscsi: ["targetPortal", "iqn"],
  nfs: ["server", "path"],
  persistentVolumeClaim: ["claimName"],
  photonPersistentDisk: ["pdID"],
  portworxVolume: ["volumeID"],
  quobyte: ["registry", "volume"],
  rbd: ["monitors", "image"],
  scaleIO: ["gateway", "system", "volumeName"],
  secret: ["secretName"],
  vsphereVolume: ["volumePath"],
};

/** Checks of one kind beyond what it requires. */
const ownChecks: {
  readonly [K in keyof VolumeSource]?: (source: NonNullable<VolumeSource[K]>, at: Path) => FieldError[];
} = {
  awsElasticBlockStore: ({ partition }, at) => partitionErrors(partition, at),
  configMap: validateKeyItems,
  csi: ({ nodePublishSecretRef: ref }, at) =>
    ref && !ref.name ? [field.required(at.child("nodePublishSecretRef", "name"))] : [],
  downwardAPI: ({ items, defaultMode }, at) => [
    ...validateMode(defaultMode, at.child("defaultMode")),
    ...validateDownwardFiles(items ?? [], at),
  ],
  emptyDir: ({ sizeLimit }, at) =>
    sizeLimit?.startsWith("-")
      ? [field.forbidden(at.child("sizeLimit"), "SizeLimit field must be a valid resource quantity")]
      : [],
  ephemeral: ({ volumeClaimTemplate: template }, at) =>
    template ? validateClaimSpec(template.spec, at.child("volumeClaimTemplate", "spec")) : [],
  fc: fibreChannelErrors,
  gcePersistentDisk: ({ partition }, at) => partitionErrors(partition, at),
  gitRepo: ({ directory }, at) => (directory ? validateLocalPath(directory, at.child("directory")) : []),
  hostPath: hostPathErrors,
  image: ({ pullPolicy }, at) => optionalOneOf(pullPolicy || undefined, pullPolicies, at.child("pullPolicy")),
  iscsi: iscsiErrors,
  nfs: ({ path }, at) =>
    path && !path.startsWith("/") ? [field.invalid(at.child("path"), path, "must be an absolute path")] : [],
  projected: ({ sources, defaultMode }, at) => [
    ...validateMode(defaultMode, at.child("defaultMode")),
    ...validateProjections(sources ?? [], at),
  ],
  secret: validateKeyItems,
};

const pullPolicies = ["Always", "IfNotPresent", "Never"];
const hostPathTypes = [
  "",
  "BlockDevice",
  "CharDevice",
  "Directory",
  "DirectoryOrCreate",
  "File",
  "FileOrCreate",
  "Socket",
];
const maxPartition = 255;
const maxLun = 255;

/** What is wrong with the source called `name` among `sources`, in a pod's volume or a PersistentVolume. */
export function validateVolumeSource(name: string, sources: VolumeSource, at: Path): FieldError[] {
  const source = sources[name as keyof VolumeSource];
  if (!source) return [];
  const check = ownChecks[name as keyof VolumeSource] as ((source: unknown, at: Path) => FieldError[]) | undefined;
  return [...missingErrors(name, source, at), ...(check?.(source, at) ?? [])];
}

function missingErrors(name: string, source: object, at: Path): FieldError[] {
  return (requiredFields[name] ?? []).flatMap((key) => {
    const value: unknown = (source as Readonly<Record<string, unknown>>)[key];
    const isMissing = !value || (Array.isArray(value) && value.length === 0);
    return isMissing ? [field.required(at.child(key))] : [];
  });
}

function partitionErrors(partition: number | undefined, at: Path): FieldError[] {
  if (partition === undefined || (partition >= 0 && partition <= maxPartition)) return [];
  return [field.invalid(at.child("partition"), partition, inclusiveRangeError(1, maxPartition))];
}

function hostPathErrors({ path, type }: NonNullable<VolumeSource["hostPath"]>, at: Path): FieldError[] {
  return [
    ...(path ? validateNoBacksteps(path, at.child("path")) : []),
    ...optionalOneOf(type, hostPathTypes, at.child("type")),
  ];
}

function iscsiErrors(source: NonNullable<VolumeSource["iscsi"]>, at: Path): FieldError[] {
  const { iqn, lun, secretRef, chapAuthDiscovery, chapAuthSession } = source;
  const errors: FieldError[] = [];
  if (iqn && !/^(iqn|eui|naa)/.test(iqn)) {
    errors.push(field.invalid(at.child("iqn"), iqn, "must be valid format starting with iqn, eui, or naa"));
  }
  if (lun < 0 || lun > maxLun) errors.push(field.invalid(at.child("lun"), lun, inclusiveRangeError(0, maxLun)));
  if ((chapAuthDiscovery || chapAuthSession) && !secretRef) errors.push(field.required(at.child("secretRef")));
  return errors;
}

function fibreChannelErrors({ targetWWNs = [], wwids = [], lun }: NonNullable<VolumeSource["fc"]>, at: Path) {
  const errors: FieldError[] = [];
  if (targetWWNs.length === 0 && wwids.length === 0) {
    errors.push(field.required(at.child("targetWWNs"), "must specify either targetWWNs or wwids, but not both"));
  }
  if (targetWWNs.length > 0 && wwids.length > 0) {
    errors.push(
      field.invalid(at.child("targetWWNs"), targetWWNs, "targetWWNs and wwids can not be specified simultaneously"),
    );
  }
  if (targetWWNs.length === 0) return errors;
  if (lun === undefined) errors.push(field.required(at.child("lun"), "lun is required if targetWWNs is specified"));
  else if (lun < 0 || lun > maxLun) errors.push(field.invalid(at.child("lun"), lun, inclusiveRangeError(0, maxLun)));
  return errors;
}

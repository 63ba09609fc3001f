import type { CSIDriver, CSINode, CSIStorageCapacity, VolumeAttachment, VolumeAttributesClass } from "@tskube/api";
import {
  deepEqual,
  dns1123SubdomainErrors,
  type FieldError,
  field,
  Path,
  parseQuantity,
  validateImmutable,
} from "@tskube/apimachinery";
import { optionalNonNegative, optionalOneOf, optionalSelector } from "../field-rules.ts";

const specPath = Path.of("spec");
const maxDriverNameLength = 63;
const maxNodeIdLength = 256;
const minTokenSeconds = 600;
const groupPolicies = ["ReadWriteOnceWithFSType", "File", "None"];
const lifecycleModes = ["Persistent", "Ephemeral"];

function driverNameErrors(name: string, at: Path): FieldError[] {
  if (!name) return [field.required(at)];
  const errors = name.length > maxDriverNameLength ? [field.tooLong(at, maxDriverNameLength)] : [];
  return [...errors, ...dns1123SubdomainErrors(name.toLowerCase()).map((message) => field.invalid(at, name, message))];
}

/** The first path is upstream's word for it. */
export function validateDriver({ metadata, spec }: CSIDriver): FieldError[] {
  return [
    ...driverNameErrors(metadata.name, Path.of("metadata", "name")),
    ...(spec.attachRequired === undefined ? [field.required(specPath.child("attachedRequired"))] : []),
    ...(spec.podInfoOnMount === undefined ? [field.required(specPath.child("podInfoOnMount"))] : []),
    ...(spec.storageCapacity === undefined ? [field.required(specPath.child("storageCapacity"))] : []),
    ...optionalOneOf(spec.fsGroupPolicy, groupPolicies, specPath.child("fsGroupPolicy")),
    ...tokenErrors(spec.tokenRequests ?? []),
    ...(spec.volumeLifecycleModes ?? []).flatMap((mode) =>
      optionalOneOf(mode, lifecycleModes, specPath.child("volumeLifecycleModes")),
    ),
  ];
}

function tokenErrors(requests: NonNullable<CSIDriver["spec"]["tokenRequests"]>): FieldError[] {
  const seen = new Set<string>();
  return requests.flatMap(({ audience, expirationSeconds }, index) => {
    const path = specPath.child("tokenRequests").index(index);
    const errors = seen.has(audience) ? [field.duplicate(path.child("audience"), audience)] : [];
    seen.add(audience);
    if (expirationSeconds === undefined || expirationSeconds >= minTokenSeconds) return errors;
    const detail = "may not specify a duration less than 10 minutes";
    return [...errors, field.invalid(path.child("expirationSeconds"), expirationSeconds, detail)];
  });
}

export function validateDriverUpdate(driver: CSIDriver, old: CSIDriver): FieldError[] {
  const { attachRequired, volumeLifecycleModes } = driver.spec;
  return [
    ...validateDriver(driver),
    ...validateImmutable(attachRequired, old.spec.attachRequired, specPath.child("attachedRequired")),
    ...validateImmutable(volumeLifecycleModes, old.spec.volumeLifecycleModes, specPath.child("volumeLifecycleModes")),
  ];
}

export function validateNodeDrivers({ spec }: CSINode): FieldError[] {
  const seen = new Set<string>();
  return (spec.drivers ?? []).flatMap(({ name, nodeID, allocatable, topologyKeys }, index) => {
    const path = specPath.child("drivers").index(index);
    const errors = driverNameErrors(name, path.child("name"));
    if (!nodeID) errors.push(field.required(path.child("nodeID")));
    if (nodeID.length > maxNodeIdLength) {
      errors.push(field.invalid(path.child("nodeID"), nodeID, `must be ${maxNodeIdLength} characters or less`));
    }
    errors.push(...optionalNonNegative(allocatable?.count, path.child("allocatable", "count")));
    if (seen.has(name)) errors.push(field.duplicate(path.child("name"), name));
    seen.add(name);
    return [...errors, ...keyErrors(topologyKeys ?? [], path.child("topologyKeys"))];
  });
}

function keyErrors(keys: readonly string[], at: Path): FieldError[] {
  const seen = new Set<string>();
  return keys.flatMap((key) => {
    const errors = key ? [] : [field.required(at)];
    if (seen.has(key)) errors.push(field.duplicate(at, key));
    seen.add(key);
    return errors;
  });
}

/** A driver that is there stays as it is; only how many volumes it takes may change. */
export function validateNodeDriversUpdate(node: CSINode, old: CSINode): FieldError[] {
  const changed = (old.spec.drivers ?? []).flatMap((before) => {
    const after = node.spec.drivers?.find(({ name }) => name === before.name);
    if (!after || deepEqual({ ...after, allocatable: undefined }, { ...before, allocatable: undefined })) return [];
    return [field.invalid(Path.of("CSINode"), after, "field is immutable")];
  });
  return [...validateNodeDrivers(node), ...changed];
}

export function validateAttachment({ spec }: VolumeAttachment): FieldError[] {
  const { attacher, nodeName, source } = spec;
  const sourceAt = specPath.child("source");
  const onlyOne = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
  const errors = driverNameErrors(attacher, specPath.child("attacher"));
  const { inlineVolumeSpec: inline, persistentVolumeName: volume } = source;
  if (!inline && volume === undefined) errors.push(field.required(sourceAt, onlyOne));
  if (inline && volume !== undefined) errors.push(field.forbidden(sourceAt, onlyOne));
  if (volume === "") {
    errors.push(field.required(sourceAt.child("persistentVolumeName"), "must specify non empty persistentVolumeName"));
  }
  const nodeAt = specPath.child("nodeName");
  if (!nodeName) return [...errors, field.required(nodeAt)];
  return [...errors, ...dns1123SubdomainErrors(nodeName).map((message) => field.invalid(nodeAt, nodeName, message))];
}

export function validateAttachmentUpdate(attachment: VolumeAttachment, old: VolumeAttachment): FieldError[] {
  const errors = validateAttachment(attachment);
  if (deepEqual(attachment.spec, old.spec)) return errors;
  return [...errors, field.invalid(specPath, attachment.spec, "field is immutable")];
}

const maxParameters = 512;

export function validateAttributesClass({ driverName, parameters }: VolumeAttributesClass): FieldError[] {
  const at = Path.of("parameters");
  const count = Object.keys(parameters ?? {}).length;
  const errors = driverNameErrors(driverName, Path.of("driverName"));
  if (count === 0) errors.push(field.required(at, "must contain at least one key/value pair"));
  if (count > maxParameters) errors.push(field.tooLong(at, maxParameters));
  return errors;
}

export function validateAttributesClassUpdate(object: VolumeAttributesClass, old: VolumeAttributesClass): FieldError[] {
  return (["driverName", "parameters"] as const).flatMap((name) =>
    deepEqual(object[name] ?? {}, old[name] ?? {})
      ? []
      : [field.forbidden(Path.of(name), `updates to ${name} are forbidden.`)],
  );
}

export function validateStorageCapacity(object: CSIStorageCapacity): FieldError[] {
  const { storageClassName, nodeTopology, capacity, maximumVolumeSize } = object;
  const at = Path.of("storageClassName");
  const amounts = Object.entries({ capacity, maximumVolumeSize }).flatMap(([name, amount]) =>
    amount !== undefined && parseQuantity(amount).nanos < 0n
      ? [field.invalid(Path.of(name), amount, "must be greater than or equal to 0")]
      : [],
  );
  return [
    ...optionalSelector(nodeTopology, Path.of("nodeTopology")),
    ...dns1123SubdomainErrors(storageClassName).map((message) => field.invalid(at, storageClassName, message)),
    ...amounts,
  ];
}

export function validateStorageCapacityUpdate(object: CSIStorageCapacity, old: CSIStorageCapacity): FieldError[] {
  return [
    ...validateStorageCapacity(object),
    ...validateImmutable(object.storageClassName, old.storageClassName, Path.of("storageClassName")),
    ...validateImmutable(object.nodeTopology, old.nodeTopology, Path.of("nodeTopology")),
  ];
}

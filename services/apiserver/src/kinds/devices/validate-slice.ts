import type { DeviceTaintRule, ResourceSlice } from "@tskube/api";
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  type FieldError,
  field,
  labelValueErrors,
  nonNegativeErrors,
  Path,
  qualifiedNameErrors,
  validateImmutable,
} from "@tskube/apimachinery";
import { oneOf, optionalName, positive } from "../field-rules.ts";

type Spec = ResourceSlice["spec"];
type Device = NonNullable<Spec["devices"]>[number];
type Taint = NonNullable<Device["taints"]>[number];

const specPath = Path.of("spec");
const effects = ["NoExecute", "NoSchedule", "None"];
const maxDevices = 128;
const maxDriverNameLength = 63;
const maxPoolNameLength = 253;

export function validateResourceSlice({ spec }: ResourceSlice): FieldError[] {
  const { driver, pool, devices = [], nodeName } = spec;
  const devicesAt = specPath.child("devices");
  const names = new Set<string>();
  return [
    ...validateDriverName(driver, specPath.child("driver")),
    ...poolErrors(pool, specPath.child("pool")),
    ...optionalName(nodeName, dns1123SubdomainErrors, specPath.child("nodeName")),
    ...placeErrors(spec),
    ...(devices.length > maxDevices ? [field.tooMany(devicesAt, devices.length, maxDevices)] : []),
    ...devices.flatMap((device, index) => deviceErrors(device, names, devicesAt.index(index))),
  ];
}

export function validateResourceSliceUpdate(slice: ResourceSlice, old: ResourceSlice): FieldError[] {
  const kept = [
    ...validateImmutable(slice.spec.driver, old.spec.driver, specPath.child("driver")),
    ...validateImmutable(slice.spec.pool.name, old.spec.pool.name, specPath.child("pool", "name")),
    ...validateImmutable(slice.spec.nodeName, old.spec.nodeName, specPath.child("nodeName")),
  ];
  return [...validateResourceSlice(slice), ...kept];
}

export function validateDriverName(driver: string, at: Path): FieldError[] {
  if (!driver) return [field.required(at)];
  const errors = driver.length > maxDriverNameLength ? [field.tooLong(at, maxDriverNameLength)] : [];
  const messages = dns1123SubdomainErrors(driver.toLowerCase());
  return [...errors, ...messages.map((message) => field.invalid(at, driver, message))];
}

function poolErrors({ name, generation, resourceSliceCount }: Spec["pool"], at: Path): FieldError[] {
  const nameAt = at.child("name");
  const errors = name ? [] : [field.required(nameAt)];
  if (name.length > maxPoolNameLength) errors.push(field.tooLong(nameAt, maxPoolNameLength));
  for (const part of name ? name.split("/") : []) {
    errors.push(...dns1123SubdomainErrors(part).map((message) => field.invalid(nameAt, part, message)));
  }
  return [
    ...errors,
    ...positive(resourceSliceCount, at.child("resourceSliceCount")),
    ...nonNegativeErrors(generation, at.child("generation")),
  ];
}

const places = ["nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection"] as const;

/** Devices are somewhere, and said to be so in one way. */
function placeErrors(spec: Spec): FieldError[] {
  const given = places.filter((name) => spec[name] !== undefined);
  if (given.length === 1) return [];
  const detail = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
  if (given.length === 0) return [field.required(specPath, detail)];
  return [field.invalid(specPath, `{${given.map((name) => `\`${name}\``).join(", ")}}`, detail)];
}

function deviceErrors({ name, taints = [] }: Device, names: Set<string>, at: Path): FieldError[] {
  const nameAt = at.child("name");
  const errors = name
    ? dns1123LabelErrors(name).map((message) => field.invalid(nameAt, name, message))
    : [field.required(nameAt)];
  if (names.has(name)) errors.push(field.duplicate(nameAt, name));
  names.add(name);
  return [...errors, ...taints.flatMap((taint, index) => taintErrors(taint, at.child("taints").index(index)))];
}

function taintErrors({ key, value, effect }: Taint, at: Path): FieldError[] {
  return [
    ...(key ? optionalName(key, qualifiedNameErrors, at.child("key")) : [field.required(at.child("key"))]),
    ...optionalName(value, labelValueErrors, at.child("value")),
    ...oneOf(effect, effects, at.child("effect")),
  ];
}

export function validateTaintRule({ spec }: DeviceTaintRule): FieldError[] {
  const at = specPath.child("deviceSelector");
  const { driver, pool, device } = spec.deviceSelector ?? {};
  return [
    ...(driver === undefined ? [] : validateDriverName(driver, at.child("driver"))),
    ...(pool?.split("/") ?? []).flatMap((part) => optionalName(part, dns1123SubdomainErrors, at.child("pool"))),
    ...optionalName(device, dns1123LabelErrors, at.child("device")),
    ...taintErrors(spec.taint ?? { key: "", effect: "" }, specPath.child("taint")),
  ];
}

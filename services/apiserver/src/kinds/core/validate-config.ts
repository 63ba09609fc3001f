import type { ConfigMap, Secret } from "@tskube/api";
import { configMapKeyErrors, type FieldError, field, Path } from "@tskube/apimachinery";
import { ownValue } from "../own-value.ts";

/** As much as one object may hold, so that the store stays quick. */
const maxBytes = 1024 * 1024;

export function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors = [...keyErrors(data, Path.of("data")), ...keyErrors(binaryData, Path.of("binaryData"))];
  for (const key of Object.keys(binaryData)) {
    if (Object.hasOwn(data, key)) {
      errors.push(field.invalid(Path.of("data").key(key), key, "duplicate of key present in binaryData"));
    }
  }
  const size = sizeOf(Object.values(data)) + sizeOf(Object.values(binaryData)) * 0.75;
  if (size > maxBytes) errors.push(field.tooLong(undefined, maxBytes));
  return errors;
}

export function validateConfigMapUpdate(map: ConfigMap, old: ConfigMap): FieldError[] {
  return [...immutableErrors(map, old, ["data", "binaryData"]), ...validateConfigMap(map)];
}

export function validateSecret(secret: Secret): FieldError[] {
  const { data = {}, type = "Opaque" } = secret;
  const path = Path.of("data");
  const errors = keyErrors(data, path);
  if (sizeOf(Object.values(data)) * 0.75 > maxBytes) errors.push(field.tooLong(path, maxBytes));
  for (const key of ownValue(requiredKeys, type) ?? []) {
    if (!Object.hasOwn(data, key)) errors.push(field.required(path.key(key)));
  }
  if (type === "kubernetes.io/service-account-token") {
    const annotation = "kubernetes.io/service-account.name";
    if (!secret.metadata.annotations?.[annotation]) {
      errors.push(field.required(Path.of("metadata", "annotations").key(annotation)));
    }
  }
  return errors;
}

const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
};

export function validateSecretUpdate(secret: Secret, old: Secret): FieldError[] {
  const errors = immutableErrors(secret, old, ["data"]);
  if (secret.type !== old.type) errors.push(field.invalid(Path.of("type"), secret.type, "field is immutable"));
  return [...errors, ...validateSecret(secret)];
}

type Config = ConfigMap | Secret;

function immutableErrors(object: Config, old: Config, names: readonly string[]): FieldError[] {
  if (!old.immutable) return [];
  const detail = "field is immutable when `immutable` is set";
  const errors = object.immutable ? [] : [field.forbidden(Path.of("immutable"), detail)];
  const read = (one: Config, name: string) => JSON.stringify((one as unknown as Record<string, unknown>)[name] ?? {});
  for (const name of names)
    if (read(object, name) !== read(old, name)) errors.push(field.forbidden(Path.of(name), detail));
  return errors;
}

function keyErrors(data: Readonly<Record<string, string>>, at: Path): FieldError[] {
  return Object.keys(data).flatMap((key) =>
    configMapKeyErrors(key).map((message) => field.invalid(at.key(key), key, message)),
  );
}

function sizeOf(values: readonly string[]): number {
  return values.reduce((sum, value) => sum + Buffer.byteLength(value), 0);
}

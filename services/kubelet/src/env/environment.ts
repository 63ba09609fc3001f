import type { ConfigMap, Container, EnvFromSource, EnvVarSource, Pod, Secret } from "@tskube/api";
import { expand } from "./expansion.ts";
import { fieldValue, type PodAddresses } from "./field.ts";
import { type Allocatable, resourceFieldValue } from "./resource-field.ts";

/** The objects that an environment may refer to; `undefined` when there is no such object. */
export interface EnvironmentObjects {
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
}

export interface EnvironmentInputs {
  readonly pod: Pod;
  readonly container: Container;
  readonly services: ReadonlyMap<string, string>;
  readonly objects: EnvironmentObjects;
  readonly addresses: PodAddresses;
  readonly allocatable: Allocatable;
}

/** A variable's name and what it is set to, in the order in which they were set first. */
export type Environment = ReadonlyMap<string, string>;

/**
 * Everything in a container's environment. Later sources win: services, `envFrom` in order, `env` in order. `$(NAME)` in an `env` value sees
 * what came before it and the services. Throws when a source that is not optional is missing, in the words that users read in the event.
 */
export async function buildEnvironment(inputs: EnvironmentInputs): Promise<Environment> {
  const own = new Map<string, string>();
  for (const source of inputs.container.envFrom ?? []) {
    for (const [name, value] of await fromSource(inputs, source)) own.set(name, value);
  }
  const known = new Map(own);
  for (const { name, value, valueFrom } of inputs.container.env ?? []) {
    const found = valueFrom
      ? await variableValue(inputs, valueFrom)
      : expand(value ?? "", (wanted) => known.get(wanted) ?? inputs.services.get(wanted));
    if (found === undefined) continue;
    own.set(name, found);
    known.set(name, found);
  }
  const all = new Map(own);
  for (const [name, value] of inputs.services) if (!all.has(name)) all.set(name, value);
  return all;
}

async function fromSource({ pod, objects }: EnvironmentInputs, source: EnvFromSource): Promise<[string, string][]> {
  const namespace = pod.metadata.namespace ?? "";
  const prefix = source.prefix ?? "";
  if (source.configMapRef) {
    const { name = "", optional } = source.configMapRef;
    const found = await objects.configMap(namespace, name);
    if (!found && !optional) throw new Error(`configmap ${JSON.stringify(name)} not found`);
    return Object.entries(found?.data ?? {}).map(([key, value]) => [prefix + key, value]);
  }
  if (source.secretRef) {
    const { name = "", optional } = source.secretRef;
    const found = await objects.secret(namespace, name);
    if (!found && !optional) throw new Error(`secret ${JSON.stringify(name)} not found`);
    return Object.entries(found?.data ?? {}).map(([key, value]) => [prefix + key, decode(value)]);
  }
  return [];
}

/** Undefined when an optional source is missing: the variable is then not set at all. */
async function variableValue(inputs: EnvironmentInputs, source: EnvVarSource): Promise<string | undefined> {
  const { pod, container, objects } = inputs;
  const namespace = pod.metadata.namespace ?? "";
  if (source.fieldRef) return fieldValue(pod, source.fieldRef.fieldPath, inputs.addresses);
  if (source.resourceFieldRef) {
    const { containerName } = source.resourceFieldRef;
    const target = containerName ? (findByName(pod, containerName) ?? container) : container;
    return resourceFieldValue(source.resourceFieldRef, target, inputs.allocatable);
  }
  if (source.configMapKeyRef) {
    const { name = "", key, optional } = source.configMapKeyRef;
    const found = await objects.configMap(namespace, name);
    if (!found && !optional) throw new Error(`configmap ${JSON.stringify(name)} not found`);
    const value = found?.data?.[key];
    if (found && value === undefined && !optional)
      throw new Error(`couldn't find key ${key} in ConfigMap ${namespace}/${name}`);
    return value;
  }
  if (source.secretKeyRef) {
    const { name = "", key, optional } = source.secretKeyRef;
    const found = await objects.secret(namespace, name);
    if (!found && !optional) throw new Error(`secret ${JSON.stringify(name)} not found`);
    const value = found?.data?.[key];
    if (found && value === undefined && !optional)
      throw new Error(`couldn't find key ${key} in Secret ${namespace}/${name}`);
    return value === undefined ? undefined : decode(value);
  }
  return "";
}

function findByName(pod: Pod, name: string): Container | undefined {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find((container) => container.name === name);
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}

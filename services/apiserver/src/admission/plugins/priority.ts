import type { Pod, PriorityClass } from "@tskube/api";
import { readIfPresent } from "../../auth/read-if-present.ts";
import type { LocalObjects } from "../../registry/objects.ts";
import type { AdmissionDeps } from "../deps.ts";
import { anyOf, objectOf, writesTo } from "../matches.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";

const classes = { group: "scheduling.k8s.io", resource: "priorityclasses" };
type Resolved = Pick<PriorityClass, "value" | "preemptionPolicy"> & { readonly name: string };

/** Turns a pod's priority class into the number the scheduler reads. */
export function priority({ objects }: AdmissionDeps): AdmissionPlugin {
  return {
    name: "Priority",
    handles: anyOf(
      writesTo("pods", "CREATE", "UPDATE"),
      writesTo("priorityclasses.scheduling.k8s.io", "CREATE", "UPDATE"),
    ),
    async admit(attributes) {
      if (attributes.resource !== "pods") return;
      const pod = objectOf<Pod>(attributes);
      if (attributes.operation === "UPDATE") keepPriority(pod, attributes);
      else await setPriority(pod, attributes, objects);
    },
    validate(attributes) {
      if (attributes.resource === "priorityclasses") refuseSecondDefault(attributes, objects);
    },
  };
}

/** A client that does not know the fields must not take them away by its update. */
function keepPriority(pod: Pod, { oldObject }: AdmissionAttributes): void {
  const old = oldObject as Pod | undefined;
  if (pod.spec.priority === undefined && old?.spec.priority !== undefined) pod.spec.priority = old.spec.priority;
  if (pod.spec.preemptionPolicy === undefined && old?.spec.preemptionPolicy !== undefined) {
    pod.spec.preemptionPolicy = old.spec.preemptionPolicy;
  }
}

async function setPriority(pod: Pod, attributes: AdmissionAttributes, objects: LocalObjects): Promise<void> {
  const { spec } = pod;
  const { name, value, preemptionPolicy } = spec.priorityClassName
    ? await classByName(spec.priorityClassName, attributes, objects)
    : defaultClass(objects);
  if (name) spec.priorityClassName = name;
  if (spec.priority !== undefined && spec.priority !== value) {
    throw refuse(
      attributes,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    );
  }
  const policy = preemptionPolicy ?? "PreemptLowerPriority";
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    throw refuse(
      attributes,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    );
  }
  spec.priority = value;
  spec.preemptionPolicy = policy;
}

async function classByName(name: string, attributes: AdmissionAttributes, objects: LocalObjects): Promise<Resolved> {
  const found =
    objects.reader<PriorityClass>(classes).get("", name) ??
    (await readIfPresent<PriorityClass>(objects, classes, "", name));
  if (!found) throw refuse(attributes, `no PriorityClass with name ${name} was found`);
  return { ...found, name };
}

/** Of several defaults the lowest counts, as giving too much would let pods push others out. */
function defaultClass(objects: LocalObjects): Resolved {
  const defaults = objects
    .reader<PriorityClass>(classes)
    .list()
    .filter((one) => one.globalDefault);
  const lowest = defaults.sort((a, b) => a.value - b.value)[0];
  return lowest ? { ...lowest, name: lowest.metadata.name } : { name: "", value: 0 };
}

function refuseSecondDefault(attributes: AdmissionAttributes, objects: LocalObjects): void {
  const wanted = objectOf<PriorityClass>(attributes);
  if (!wanted.globalDefault) return;
  const other = objects
    .reader<PriorityClass>(classes)
    .list()
    .find((one) => one.globalDefault && one.metadata.name !== wanted.metadata.name);
  if (!other) return;
  throw refuse(
    attributes,
    `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`,
  );
}

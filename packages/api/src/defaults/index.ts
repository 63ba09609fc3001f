import type { GroupVersionKind, TypeName, TypeRef } from "@tskube/apimachinery";
import { allFields, type JsonObject } from "../codec/go-shape.ts";
import { type ApiFieldSchema, schemaOf, typeNameOf } from "../schema/index.ts";
import { accessDefaults } from "./access.ts";
import { aliases } from "./aliases.ts";
import { autoscalingDefaults } from "./autoscaling.ts";
import type { DefaultsByType } from "./defaults-by-type.ts";
import { extensionDefaults } from "./extension.ts";
import { networkDefaults } from "./network.ts";
import { podDefaults } from "./pods.ts";
import { roundUpToMilli } from "./quantities.ts";
import { resourceDefaults } from "./resource.ts";
import { storageDefaults } from "./storage.ts";
import { workloadDefaults } from "./workloads.ts";

const functions: DefaultsByType = {
  ...podDefaults,
  ...workloadDefaults,
  ...networkDefaults,
  ...storageDefaults,
  ...autoscalingDefaults,
  ...accessDefaults,
  ...extensionDefaults,
  ...resourceDefaults,
};

/** Sets the defaults somewhere in a value; undefined where a type has none, so that whole branches are skipped. */
type Visit = (value: unknown) => void;

const visits = new Map<TypeName, Visit | undefined>();

/**
 * Fills in what the API defaults, in place, for an object in the form that decoding gives. A struct's own function comes first, then the
 * schema's defaults of its fields, then what lies inside: the order of upstream, where an outer default may decide an inner one.
 * Fields that say one thing twice are brought in step on the way. Kinds without defaults, and kinds that are not built in, stay as they are.
 */
export function setDefaults(gvk: GroupVersionKind, object: unknown): void {
  const type = typeNameOf(gvk);
  if (type !== undefined) visitOf(type)?.(object);
}

function visitOf(type: TypeName): Visit | undefined {
  if (visits.has(type)) return visits.get(type);
  // What a type that contains itself sees of itself. Only JSON schemas do, and nothing in them is defaulted.
  visits.set(type, undefined);
  const visit = compile(type);
  visits.set(type, visit);
  return visit;
}

function compile(type: TypeName): Visit | undefined {
  const schema = schemaOf(type);
  const steps: ((object: JsonObject) => void)[] = [];
  for (const name of [type, ...inlinedTypes(type)]) {
    for (const own of [functions[name], aliases[name]]) {
      if (own) steps.push(own as (object: JsonObject) => void);
    }
  }
  for (const field of allFields(schema)) steps.push(...fieldSteps(type, field));
  if (steps.length === 0) return undefined;
  return (value) => {
    if (typeof value !== "object" || value === null) return;
    for (const step of steps) step(value as JsonObject);
  };
}

/** Structs whose fields stand in this one's objects, so that their functions see the outer object. */
function inlinedTypes(type: TypeName): TypeName[] {
  return schemaOf(type).fields.flatMap((field) =>
    field.inline && field.type.is === "struct" ? [field.type.name, ...inlinedTypes(field.type.name)] : [],
  );
}

function* fieldSteps(owner: TypeName, field: ApiFieldSchema): Generator<(object: JsonObject) => void> {
  const { name } = field;
  const initial = field.default;
  // A default that is Go's zero value changes nothing unless the field is a pointer.
  if (initial !== undefined && (field.pointer || initial)) {
    yield (object) => {
      if (object[name] === undefined || (!field.pointer && !object[name])) object[name] = initial;
    };
  }
  const inner = isResourceList(owner, field.type) ? roundUpToMilli : innerVisit(field.type);
  if (inner) {
    yield (object) => {
      const value = object[name];
      if (value !== undefined && value !== null) inner(value);
    };
  }
}

/** Amounts by resource name. The same shape means something finer where devices are described. */
function isResourceList(owner: TypeName, type: TypeRef): boolean {
  if (!/^(core|node\.k8s\.io)\/v1\./.test(owner)) return false;
  return type.is === "map" && type.values.is === "scalar" && type.values.scalar === "Quantity";
}

function innerVisit(type: TypeRef): Visit | undefined {
  if (type.is === "struct") return visitOf(type.name);
  if (type.is === "scalar") return undefined;
  const element = innerVisit(type.is === "list" ? type.items : type.values);
  if (!element) return undefined;
  return type.is === "list"
    ? (value) => {
        if (Array.isArray(value)) for (const item of value) element(item);
      }
    : (value) => {
        for (const item of Object.values(value as JsonObject)) element(item);
      };
}

import type { TypeRef } from "@tskube/apimachinery";

const scalarNames: Readonly<Record<string, string>> = {
  bytes: "[]uint8",
  Time: "v1.Time",
  MicroTime: "v1.MicroTime",
  Duration: "v1.Duration",
  Quantity: "resource.Quantity",
  IntOrString: "intstr.IntOrString",
  RawExtension: "runtime.RawExtension",
  FieldsV1: "v1.FieldsV1",
  JSON: "interface {}",
};

/** What Go calls a type in its errors: `int32`, `v1.Protocol`, `[]v1.Container`. */
export function goTypeOf(type: TypeRef, alias?: string): string {
  switch (type.is) {
    case "list":
      return `[]${goTypeOf(type.items, alias)}`;
    case "map":
      // The one map that has a name of its own.
      if (type.values.is === "scalar" && type.values.scalar === "Quantity") return "v1.ResourceList";
      return `map[string]${goTypeOf(type.values, alias)}`;
    case "struct":
      return packageName(type.name);
    case "scalar":
      return alias ? packageName(alias) : (scalarNames[type.scalar] ?? type.scalar);
  }
}

/** `Container` of `core/v1.Container`. */
export function localName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

function packageName(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

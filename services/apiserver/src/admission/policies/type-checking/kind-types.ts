import { typeNameOf } from "@tskube/api";
import type { GroupVersionKind } from "@tskube/apimachinery";
import type { Type } from "../../../cel/index.ts";
import type { Catalog } from "../../../resources/catalog.ts";
import { builtInType } from "./built-in-type.ts";
import type { KindTypes, TypedKind } from "./check-policy.ts";

/** The kinds in `catalog`: built-in ones by the API's schema, others as `customTypeOf` knows them. */
export function kindTypesIn(catalog: Catalog, customTypeOf: (kind: GroupVersionKind) => Type | undefined): KindTypes {
  const ofKind: KindTypes["ofKind"] = (kind) => {
    const name = typeNameOf(kind);
    return name ? builtInType(name) : customTypeOf(kind);
  };
  return {
    ofKind,
    of(rules) {
      const found = new Map<string, TypedKind>();
      for (const { apiGroups = [], apiVersions = [], resources = [] } of rules) {
        for (const { info } of catalog.all()) {
          const isNamed =
            apiGroups.includes(info.group) && apiVersions.includes(info.version) && resources.includes(info.resource);
          const { group, version, kind } = info;
          const type = isNamed ? ofKind({ group, version, kind }) : undefined;
          if (type) found.set(`${group}/${version}/${kind}`, { kind: { group, version, kind }, type });
        }
      }
      return [...found.keys()].sort().flatMap((key) => found.get(key) ?? []);
    },
  };
}

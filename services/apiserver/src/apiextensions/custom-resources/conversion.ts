import { encodeStored } from "../../watch-cache/json-bytes.ts";
import type { JsonMap } from "../schema/structure.ts";
import { settle } from "./codec.ts";
import type { StoredConversion } from "./converting-store.ts";
import type { CustomVersion } from "./version.ts";

/** Converts objects, in order, to the version named; all or none. */
export type Converter = (objects: readonly JsonMap[], apiVersion: string) => Promise<readonly JsonMap[]>;

/** Versions that have the same fields differ in what they call themselves alone. */
export const renaming: Converter = async (objects, apiVersion) => objects.map((object) => ({ ...object, apiVersion }));

/** The way between what is stored and the version `served`, with pruning and defaults of each version on its side. */
export function storedConversion(
  served: CustomVersion,
  stored: CustomVersion,
  versions: ReadonlyMap<string, CustomVersion>,
  convert: Converter,
): StoredConversion {
  const read = (bytes: Buffer): JsonMap => {
    const object = JSON.parse(bytes.toString("utf8")) as JsonMap;
    const version = versions.get(String(object["apiVersion"]));
    return version ? settle(object, version) : object;
  };
  return {
    async toServed(values) {
      const objects = values.map(read);
      const others = objects.filter((object) => object["apiVersion"] !== served.apiVersion);
      const converted = others.length > 0 ? await convert(others, served.apiVersion) : [];
      let next = 0;
      return objects.map((object) => {
        const isOther = object["apiVersion"] !== served.apiVersion;
        return encodeStored(isOther ? settle({ ...(converted[next++] ?? object) }, served) : object);
      });
    },
    async toStored(value) {
      if (served.apiVersion === stored.apiVersion) return value;
      const object = JSON.parse(value.toString("utf8")) as JsonMap;
      const [converted] = await convert([object], stored.apiVersion);
      return encodeStored(settle({ ...(converted ?? object) }, stored));
    },
  };
}

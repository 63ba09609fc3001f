import { errorMessage } from "@tskube/base";
import type { Opened, Transformer } from "./transformer.ts";

export interface Prefixed {
  /** What the values it sealed begin with; empty for identity. */
  readonly prefix: string;
  readonly transformer: Transformer;
}

/** Told of every value that was sealed or opened, or was not. */
export type OnTransformed = (type: "to_storage" | "from_storage", prefix: string, error: unknown) => void;

/**
 * Writes by the first of several ways and reads by any, which is how keys and providers are changed: what another than the first wrote is stale. Ways
 * with equal prefixes are tried one after another. `unknown` is the complaint about a value that none of them wrote.
 */
export function prefixed(ways: readonly Prefixed[], unknown: string, onTransformed?: OnTransformed): Transformer {
  const known = ways.map(({ prefix, transformer }) => ({ prefix, bytes: Buffer.from(prefix), transformer }));
  const [first] = known;
  if (!first) throw new Error("no way of writing values");
  return {
    async seal(value, key) {
      try {
        const sealed = await first.transformer.seal(value, key);
        onTransformed?.("to_storage", first.prefix, undefined);
        return first.prefix === "" ? sealed : Buffer.concat([first.bytes, sealed]);
      } catch (error) {
        onTransformed?.("to_storage", first.prefix, error);
        throw error;
      }
    },
    async open(stored, key) {
      const problems: unknown[] = [];
      for (const [index, { prefix, bytes, transformer }] of known.entries()) {
        if (!stored.subarray(0, bytes.length).equals(bytes)) continue;
        const opened = await attempt(() => transformer.open(stored.subarray(bytes.length), key));
        // Identity stands for everything without a prefix: that something else is sealed is no problem of its own.
        if ("error" in opened && prefix === "") continue;
        onTransformed?.("from_storage", prefix, "error" in opened ? opened.error : undefined);
        if (!("error" in opened)) return { value: opened.value, isStale: opened.isStale || index > 0 };
        problems.push(opened.error);
      }
      if (problems.length === 0) onTransformed?.("from_storage", "unknown", new Error(unknown));
      throw problemOf(problems, unknown);
    },
  };
}

async function attempt(open: () => Promise<Opened> | Opened): Promise<Opened | { readonly error: unknown }> {
  try {
    return await open();
  } catch (error) {
    return { error };
  }
}

function problemOf(problems: readonly unknown[], unknown: string): Error {
  const [only] = problems;
  if (only === undefined) return new Error(unknown);
  if (problems.length === 1) return only instanceof Error ? only : new Error(errorMessage(only));
  return new Error(`[${[...new Set(problems.map(errorMessage))].join(", ")}]`, { cause: only });
}

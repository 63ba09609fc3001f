import { type Path, parseQuantity } from "@tskube/apimachinery";

const nanosOfOne = 1_000_000_000n;

/** Bytes are counted whole, whatever is written. */
export function byteWarnings(amounts: Readonly<Record<string, string>> | undefined, at: Path): string[] {
  return ["memory", "ephemeral-storage"].flatMap((name) => {
    const amount = amounts?.[name];
    if (amount === undefined || parseQuantity(amount).nanos % nanosOfOne === 0n) return [];
    return [`${at.key(name)}: fractional byte value "${amount}" is invalid, must be an integer`];
  });
}

import { formatQuantity, milliQuantity, parseQuantity, quantityMilliValue } from "@tskube/apimachinery";

/** Amounts of resources know nothing finer than thousandths: `1500u` becomes `2m`. */
export function roundUpToMilli(value: unknown): void {
  const amounts = value as Record<string, string>;
  for (const [name, amount] of Object.entries(amounts)) {
    // In canonical form only these suffixes are finer.
    if (!amount.endsWith("n") && !amount.endsWith("u")) continue;
    const quantity = parseQuantity(amount);
    amounts[name] = formatQuantity(milliQuantity(quantityMilliValue(quantity), quantity.format));
  }
}

/** Adds the amounts of `from` whose names `to` lacks. */
export function fillIn(to: Record<string, string>, from: Readonly<Record<string, string>> | undefined): void {
  for (const [name, amount] of Object.entries(from ?? {})) if (!Object.hasOwn(to, name)) to[name] = amount;
}

import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
  subtractQuantities,
} from "@tskube/apimachinery";

/** Amounts by resource name, as quantities' texts. */
export type Amounts = Readonly<Record<string, string>>;

function combine(a: Amounts, b: Amounts, by: (a: Quantity, b: Quantity) => Quantity): Amounts {
  const zero = parseQuantity("0");
  const sum: Record<string, string> = { ...a };
  for (const [name, amount] of Object.entries(b)) {
    const present = Object.hasOwn(a, name) ? a[name] : undefined;
    sum[name] = formatQuantity(by(present === undefined ? zero : parseQuantity(present), parseQuantity(amount)));
  }
  return sum;
}

export function addAmounts(a: Amounts, b: Amounts): Amounts {
  return combine(a, b, addQuantities);
}

export function subtractAmounts(a: Amounts, b: Amounts): Amounts {
  return combine(a, b, subtractQuantities);
}

/** Only the amounts of `names`. */
export function pickAmounts(amounts: Amounts, names: readonly string[]): Amounts {
  const wanted = new Set(names);
  return Object.fromEntries(Object.entries(amounts).filter(([name]) => wanted.has(name)));
}

export function isPositive(amount: string): boolean {
  return compareQuantities(parseQuantity(amount), parseQuantity("0")) > 0;
}

export function exceeds(amount: string, bound: string): boolean {
  return compareQuantities(parseQuantity(amount), parseQuantity(bound)) > 0;
}

/** `cpu=1,memory=2Gi`, sorted by name. */
export function printAmounts(amounts: Amounts): string {
  return Object.keys(amounts)
    .sort()
    .map((name) => `${name}=${amounts[name]}`)
    .join(",");
}

import { type FieldError, field, ipFamily, type Path } from "@tskube/apimachinery";

const kinds: readonly { readonly of: RegExp; readonly detail: (address: string) => string }[] = [
  { of: /^(0+\.0+\.0+\.0+|::)$/, detail: (address) => `may not be unspecified (${address})` },
  { of: /^(127\.|::1$)/, detail: () => "may not be in the loopback range (127.0.0.0/8, ::1/128)" },
  {
    of: /^(169\.254\.|fe[89ab][0-9a-f]:)/i,
    detail: () => "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
  },
  {
    of: /^(224\.0\.0\.|ff[0-9a-f]2:)/i,
    detail: () => "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
  },
];

/** Finds fault with addresses that are no way to anybody. */
export type AddressRule = (address: string, at: Path) => FieldError[];

/** Addresses that mean the same host or link to everybody cannot be where traffic of others is sent. */
export const specialAddressErrors: AddressRule = (address, at) => errorsOf(kinds, address, at);

/** The same for endpoints. A cluster without root has pods with addresses of the loopback range, which are one host's own there. */
export function endpointAddressRule(allowsLoopback: boolean): AddressRule {
  const refused = allowsLoopback ? kinds.filter(({ of }) => !of.test("127.0.0.1")) : kinds;
  return (address, at) => errorsOf(refused, address, at);
}

function errorsOf(refused: typeof kinds, address: string, at: Path): FieldError[] {
  const plain = ipFamily(address) === 4 ? address.replace(/^::ffff:/i, "") : address;
  return refused.filter(({ of }) => of.test(plain)).map(({ detail }) => field.invalid(at, address, detail(address)));
}

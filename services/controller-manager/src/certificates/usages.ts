import type { Extension } from "@peculiar/x509";
import { loadX509 } from "./x509.ts";

/** Bits of the extension "key usage" (RFC 5280). */
const keyUsageBits: Readonly<Record<string, number>> = {
  signing: 1,
  "digital signature": 1,
  "content commitment": 2,
  "key encipherment": 4,
  "data encipherment": 8,
  "key agreement": 16,
  "cert sign": 32,
  "crl sign": 64,
  "encipher only": 128,
  "decipher only": 256,
};

/** Object identifiers of the extension "extended key usage". */
const extendedUsages: Readonly<Record<string, string>> = {
  any: "2.5.29.37.0",
  "server auth": "1.3.6.1.5.5.7.3.1",
  "client auth": "1.3.6.1.5.5.7.3.2",
  "code signing": "1.3.6.1.5.5.7.3.3",
  "email protection": "1.3.6.1.5.5.7.3.4",
  "s/mime": "1.3.6.1.5.5.7.3.4",
  "ipsec end system": "1.3.6.1.5.5.7.3.5",
  "ipsec tunnel": "1.3.6.1.5.5.7.3.6",
  "ipsec user": "1.3.6.1.5.5.7.3.7",
  timestamping: "1.3.6.1.5.5.7.3.8",
  "ocsp signing": "1.3.6.1.5.5.7.3.9",
  "microsoft sgc": "1.3.6.1.4.1.311.10.3.3",
  "netscape sgc": "2.16.840.1.113730.4.1",
};

/** The extensions of a certificate that may be used for what the request says. Throws for a usage that is none. */
export async function usageExtensions(usages: readonly string[]): Promise<Extension[]> {
  const { KeyUsagesExtension, ExtendedKeyUsageExtension } = await loadX509();
  let bits = 0;
  const extended = new Set<string>();
  for (const usage of usages) {
    const bit = keyUsageBits[usage];
    const oid = extendedUsages[usage];
    if (bit === undefined && oid === undefined) throw new Error(`unrecognized usage values: [${usage}]`);
    bits |= bit ?? 0;
    if (oid) extended.add(oid);
  }
  return [
    ...(bits > 0 ? [new KeyUsagesExtension(bits, true)] : []),
    ...(extended.size > 0 ? [new ExtendedKeyUsageExtension([...extended])] : []),
  ];
}

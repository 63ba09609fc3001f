import { networkInterfaces } from "node:os";
import { type Authority, createAuthority } from "../../../cli/src/certificates/authority.ts";

/** What a cluster has so that its extension servers believe its API server: an authority, and a certificate of it for the front proxy. */
export interface FrontProxy {
  /** PEM. */
  readonly ca: string;
  readonly client: { readonly cert: string; readonly key: string };
}

export const frontProxyName = "front-proxy-client";

export async function makeFrontProxy(): Promise<FrontProxy> {
  const authority = await createAuthority("front-proxy-ca", Date.now());
  const { certificate: cert, key } = await authority.issue({ commonName: frontProxyName, usages: ["client"] });
  return { ca: authority.certificate, client: { cert, key } };
}

/** The authority of an extension server's own certificate, which its APIService names. */
export function makeServingAuthority(): Promise<Authority> {
  return createAuthority("sample-ca", Date.now());
}

/** An address of this machine that endpoints may have: no loopback one. */
export function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const found = all.find(({ family, internal }) => family === "IPv4" && !internal);
  if (!found) throw new Error("this machine has no address but loopback ones");
  return found.address;
}
